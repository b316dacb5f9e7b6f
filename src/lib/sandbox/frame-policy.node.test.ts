// The pages of static/ whose policy names the one script they may run.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test.each(['plugin-frame', 'plugin-fetch'])(
  'static/%s.html runs its own script by its hash, and nothing else written in it',
  (name) => {
    const page = readFileSync(`static/${name}.html`, 'utf8');
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    expect(scripts).toHaveLength(1);
    const hash = createHash('sha256')
      .update(scripts[0] ?? '')
      .digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    const connect = name === 'plugin-fetch' ? '; connect-src https: http://localhost:* http://127.0.0.1:*' : '';
    const [blob, workers] = name === 'plugin-frame' ? [' blob:', '; worker-src blob:'] : ['', ''];
    expect(policy).toBe(`default-src 'none'; script-src 'sha256-${hash}'${blob}${workers}${connect}`);
  }
);
