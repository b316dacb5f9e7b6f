// The settings' views, in their order.
import * as links from '#lib/app/address/links.ts';
import type { Messages } from '#lib/messages/messages.ts';
import type { Tab } from '#lib/ui/frame/tab.ts';

export const settingsTabs = (words: Messages['plugins'], current: 'general' | 'plugins'): readonly Tab[] => [
  { label: words.general, href: links.settingsLink(), current: current === 'general' },
  { label: words.title, href: links.pluginsLink(), current: current === 'plugins' }
];
