import { defineConfig, devices } from '@playwright/test';
import { findBrowser } from './scripts/browser.mjs';

const chromium = findBrowser();

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/playwright',
  // One picture for all platforms: what differs between their fonts is less than what is allowed to.
  snapshotPathTemplate: '{testDir}/{testFileName}-snapshots/{arg}{ext}',
  // The files wait more than they work; emulated guests, which work, are in one of them only.
  workers: 2,
  fullyParallel: false,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  use: {
    // Less than a test has: what cannot be clicked fails by its own name.
    actionTimeout: 120_000,
    navigationTimeout: 120_000,
    ...devices['Desktop Chrome'],
    viewport: { width: 1440, height: 900 },
    trace: { mode: 'retain-on-failure', screenshots: false },
    launchOptions: {
      ...(chromium === undefined ? {} : { executablePath: chromium }),
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--disable-component-update']
    }
  }
});
