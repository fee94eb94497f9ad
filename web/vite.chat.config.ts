import { defineConfig } from 'vite';
import { budget, tightTemplates } from './dev/bundle.ts';

/** One file that brings everything: a page that embeds it must never meet half of an old and half of a new version. */
export default defineConfig({
  plugins: [tightTemplates(), budget('chat.js', 25_000)],
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: {
      input: 'chat/chat.ts',
      output: { entryFileNames: 'chat.js', codeSplitting: false },
    },
  },
});
