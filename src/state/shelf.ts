// The part of the browser's `Storage` that is used; a private window may have none.

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}
