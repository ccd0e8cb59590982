/** Web Locks as browsers have them, for a Node that has none: one holder at a time, the others wait in turn. */
export function createLocks(): Pick<LockManager, "request"> {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, work: () => Promise<unknown>) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return { request } as unknown as LockManager;
}
