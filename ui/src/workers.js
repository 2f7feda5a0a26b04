/* Tells Monaco which worker scripts of this build to run: files of the same origin, so the policy needs no exception. */
import workers from 'contactgraph:workers';

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(workers[label] ?? workers.editor, import.meta.url), { name: label }),
};
