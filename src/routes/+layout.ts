// Browser-only: nothing is rendered on a server, every view is the fallback page plus the client router.
export const ssr = false;
export const prerender = false;
