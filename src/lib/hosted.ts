// What passes between the page and what its browser keeps: folders from disk, stored repos, a hub's account, labels.

export interface NeuronpediaLabel {
  readonly text: string;
  /** Which model wrote it, and how, where that is known. */
  readonly author: string | null;
}

export interface SignInRequest {
  readonly endpoint: string;
  /** Of the OAuth app that the hub knows this site as. */
  readonly clientId: string;
  readonly redirectUrl: string;
}

/** A file of a folder from disk, with its path inside the folder. */
export interface LocalFile {
  readonly path: string;
  readonly file: Blob;
}

/** A repo at a commit, as far as it is kept in this browser. */
export interface StoredRepo {
  readonly id: string;
  readonly endpoint: string;
  readonly repo: string;
  readonly commit: string;
  readonly bytes: number;
}
