import { defineConfig } from 'vitest/config';
import { standIn } from './dev/plugin.ts';
import { tightTemplates } from './dev/bundle.ts';

/** The pages. `chat.js` is built apart (vite.chat.config.ts), because other sites load it by name. */
export default defineConfig({
  plugins: [standIn(), tightTemplates()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // A strict style-src and script-src allow no data: or inline code.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { portal: 'index.html', desk: 'desk/index.html' } },
  },
  test: { include: ['test/**/*.test.ts'], environment: 'node' },
});
