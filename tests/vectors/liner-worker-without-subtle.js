// The liner's worker on a page whose browser withholds crypto.subtle: the tests' page is a secure context, and the liner
// would use the browser's own. Imports run in their order. (Plain JavaScript: only the test's worker loads it.)
import './hide-subtle.js';
import '../../src/lib/app/crypto/liner-worker.ts';
