import { defineConfig } from 'vite';

/** One file that brings everything: a page that embeds it must never meet half of an old and half of a new version. */
export default defineConfig({
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
