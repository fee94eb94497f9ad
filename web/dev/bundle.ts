import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Take the line breaks out of a minified bundle: those left are in templates, where a space says the same. */
export function tightTemplates(): Plugin {
  return {
    name: 'tight-templates',
    generateBundle(_options, bundle) {
      for (const part of Object.values(bundle)) if (part.type === 'chunk') part.code = part.code.replace(/\s*\n\s*/g, ' ');
    },
  };
}

/** Fail the build when a bundle grows beyond what a guest on a phone should wait for; `bytes` are gzipped. */
export function budget(file: string, bytes: number): Plugin {
  return {
    name: 'budget',
    writeBundle(_options, bundle) {
      const part = bundle[file];
      const size = part?.type === 'chunk' ? gzipSync(part.code, { level: 9 }).length : Infinity;
      if (size > bytes) this.error(`${file} has ${size} bytes gzipped, ${size - bytes} too many`);
    },
  };
}
