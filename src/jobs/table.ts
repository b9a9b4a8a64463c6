// Every job by its name: what the page, scripts and tests can ask of a worker. Who may ask for what is calls.ts's.

import { analyze } from "./analyze.ts";
import { attribute } from "./attribute.ts";
import { compare } from "./compare.ts";
import { downstream } from "./downstream.ts";
import { feature, featureFacts } from "./feature.ts";
import { generate } from "./generate.ts";
import * as hosted from "./hosted.ts";
import { intervene } from "./intervene.ts";
import { nearest } from "./nearest.ts";
import * as opening from "./open.ts";
import { tokenLogits, vocabularyTokens } from "./tokenLogits.ts";
import { residual } from "./residual.ts";
import * as scanning from "./scan.ts";
import { selfCheck } from "./selfCheck.ts";
import { verify, verifyCorpus } from "./verify.ts";
import type { Job } from "./job.ts";

export const JOBS = {
  ...opening,
  analyze,
  compare,
  verify,
  verifyCorpus,
  feature,
  featureFacts,
  vocabularyTokens,
  tokenLogits,
  nearest,
  residual,
  generate,
  attribute,
  intervene,
  downstream,
  selfCheck,
  ...scanning,
  ...hosted,
};

export type Jobs = typeof JOBS;
export type JobName = keyof Jobs;
export type ArgsOf<J extends JobName> = Jobs[J] extends Job<infer Args, infer _> ? Args : never;
export type ResultOf<J extends JobName> =
  Jobs[J] extends Job<infer _, infer Result> ? Result : never;
