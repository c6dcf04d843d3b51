/** The child's side of a contestant: follows one cluster at a time and tells what it counted. */
import { answerQuestions } from './child-process.ts';
import { type FollowRequest } from './contestant.ts';
import { DeltaTally, type Wanted } from './delta-tally.ts';

/** Begins to list and watch Pods in the background; resolves with how to end that. */
export type Follow = (request: FollowRequest, tally: DeltaTally) => Promise<() => Promise<void>>;

/** Serves a contestant's parent. */
export function runContestant(follow: Follow): void {
  let tally = new DeltaTally();
  let leave: () => Promise<void> = () => Promise.resolve();
  answerQuestions({
    follow: async (request: FollowRequest) => {
      tally = new DeltaTally();
      leave = await follow(request, tally);
    },
    until: (wanted: Wanted) => tally.until(wanted),
    leave: () => leave(),
  });
}
