// TypeScript's DOM library leaves out what only workers have; the tests' program has that library, for Playwright's sake.

interface FileSystemSyncAccessHandle {
  getSize(): number;
  read(buffer: AllowSharedBufferSource, options?: { at: number }): number;
  write(buffer: AllowSharedBufferSource, options?: { at: number }): number;
  truncate(size: number): void;
  close(): void;
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}
