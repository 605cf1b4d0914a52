// lint-text-ignore-file: this file lists the words that the check looks for.

/** A word or phrase that the project's English does not use. */
export interface Phrase {
  /** A regular expression without its flags. A blank stands for any white space; word boundaries are added. */
  readonly pattern: string;
  /** What to write instead. */
  readonly hint: string;
  /** A sentence in which the pattern must be found. The unit test checks it. */
  readonly example: string;
}

/** Words that plain English has lost, and phrases that a reader has to decode. */
const LANGUAGE: readonly Phrase[] = [
  { pattern: 'anew', hint: 'again', example: 'The pod is created anew.' },
  { pattern: 'for ever', hint: 'forever, or a bound: "until it is cancelled"', example: 'The call waits for ever.' },
  { pattern: 'who(?:m|s)?ever', hint: 'name the actor: the client, the operator', example: 'Whoever asks gets it.' },
  { pattern: 'whatever', hint: 'any, or name the thing', example: 'It is deleted whatever its state.' },
  { pattern: 'meanwhile', hint: 'while + clause, or "in the meantime"', example: 'The worker starts meanwhile.' },
  { pattern: 'in vain', hint: 'without success, or what failed', example: 'Helm ran in vain.' },
  { pattern: 'spelt', hint: 'spelled, or written', example: 'The name is spelt in full.' },
  { pattern: 'told|tells? apart', hint: 'reports, returns, signals, distinguishes', example: 'The run is told.' },
  { pattern: 'nobody', hint: 'no + noun: "no operator", "no client"', example: 'Nobody decided in time.' },
  {
    pattern: '(?:some|any|every)body',
    hint: 'name the actor: a user, another client',
    example: 'Somebody deleted it.',
  },
  { pattern: 'had it', hint: 'name the thing and use one verb', example: 'As its seed had it.' },
  { pattern: '(?:go|goes|going|went|gone) on', hint: 'continue', example: 'The run goes on.' },
  { pattern: '(?:come|comes|came|coming) up', hint: 'start, become ready', example: 'The store comes up.' },
  { pattern: '(?:make|makes|made) good', hint: 'repair, compensate', example: 'The next run makes good the loss.' },
  { pattern: 'goes well', hint: 'succeeds', example: 'The step goes well.' },
  { pattern: 'as yet', hint: 'yet, so far', example: 'There is no record as yet.' },
  { pattern: 'upon', hint: 'on, or when', example: 'The provision is held upon failure.' },
  { pattern: 'hence(?:forth)?|thence|whence', hint: 'therefore, so', example: 'Hence the second request.' },
  {
    pattern: '(?:here|there|where)(?:by|in|of|to|upon)|hitherto|forthwith|albeit|lest|naught|nought',
    hint: 'a plain word: so, in it, of it, although, nothing',
    example: 'The namespace and all objects thereof.',
  },
  { pattern: 'whilst|amongst|till', hint: 'while, among, until', example: 'It waits till the pod is ready.' },
  { pattern: 'of (?:ours|yours|theirs)', hint: 'our own, your, their', example: 'That is a wait of ours.' },
  { pattern: '(?:be|is|was) had', hint: 'be available', example: 'A node is not to be had.' },
  { pattern: 'put right|mend(?:s|ed|ing)?', hint: 'repair, fix', example: 'Drift is put right.' },
  { pattern: '(?:is|are|was|were|be|been|it) done again', hint: 'retry, repeat', example: 'The step is done again.' },
  { pattern: 'without a word', hint: 'without an error, silently', example: 'The server is gone without a word.' },
  {
    pattern: 'the left(?! (?:side|hand|of|join|column|margin))',
    hint: 'name the thing: the leftovers, the remaining stores',
    example: 'It removes the left.',
  },
];

/** Private names for things that Temporal, Kubernetes, Helm or the glossary already name. */
const VOCABULARY: readonly Phrase[] = [
  { pattern: 'front[- ]doors?', hint: 'ingress', example: 'The front door serves the store.' },
  {
    pattern: "(?:il)?legal moves?|(?:allowed|possible|its|the|store's) moves?|moves? (?:that|which) (?:are|is)",
    hint: 'actions, allowed actions; for a status: transition',
    example: 'The store lists its moves.',
  },
  { pattern: 'ILLEGAL_MOVE|movesOf', hint: 'INVALID_STATE, allowedActions', example: 'It returns ILLEGAL_MOVE.' },
  {
    pattern: '(?:resum(?:e|es|ed|ing) (?:(?:a|the|its) )?(?:held )?(?:provision|operation|hold)|operation\\.resumed)',
    hint: 'continue a held provision',
    example: 'Resume the held provision.',
  },
  {
    pattern: '(?<!(?:on|for|of) )sale(?! price)|sales? (?:client|check)|(?<!cross-)(?:sells?|selling)|sold(?! out)',
    hint: 'verification, or "takes orders"',
    example: 'The store does not sell.',
  },
  {
    pattern: "probe(?:'s| orders?| ids?| marks?| seals?)|(?:as|is) (?:a|the) probe",
    hint: 'verification order; for Kubernetes name the kind: "readiness probe"',
    example: 'The probe order is cancelled.',
  },
  {
    pattern: 'proofs?|prove[sdn]?|proving',
    hint: 'verification, verify, confirm, show',
    example: 'A proof of absence.',
  },
  { pattern: 'visits?|visited|visiting', hint: 'verify, send a request to', example: 'The workflow visits the store.' },
  {
    pattern: '(?:take|takes|took|taken|taking) (?:(?:it|them|that|this|orders|the order) )?back',
    hint: 'cancel (an order), undelete (a store), undo (a step)',
    example: 'The order is taken back.',
  },
  {
    pattern: '(?:the|its|their|other|any|no|all) remains|remains of',
    hint: 'leftovers',
    example: 'It removes its remains.',
  },
  {
    pattern: '(?<!crash[- ]|--only |["\\w:./-])(?:sweeps?(?![\\w./-])|swept|sweeping)',
    hint: 'cleanup of leftovers; "crash sweep" names the fault test',
    example: 'The sweep removes it.',
  },
  {
    pattern: "(?:its|their|his|whose|the|this|stores') turns?(?! (?:in|on|off|out|up|to))",
    hint: 'tenant slot, or "in order"',
    example: 'The run waits for its turn.',
  },
  {
    pattern: '(?:take|takes|took|taken|taking) over',
    hint: 'acquire the fence, adopt',
    example: 'It takes over the store.',
  },
  { pattern: 'rais(?:e|es|ed|ing) (?:a|the|its) fence', hint: 'acquire the fence', example: 'It raises the fence.' },
  { pattern: 'fenced(?: off)?', hint: 'fence lost', example: 'The old attempt is fenced off.' },
  { pattern: 'judg(?:e|es|ed|ing|e?ments?)', hint: 'classify, classification', example: 'The pod is judged.' },
  { pattern: 'verdicts?', hint: 'result, classification', example: 'It ends with a verdict.' },
  { pattern: 'fates?', hint: 'decision, outcome', example: 'This decides the fate of the volume.' },
  { pattern: 'remed(?:y|ies)', hint: 'repair', example: 'The remedy is an upgrade.' },
  { pattern: 'park(?:s|ed|ing)?', hint: 'hold, stop', example: 'The provision is parked.' },
  { pattern: 'beats?|beating', hint: 'heartbeat, sends a heartbeat', example: 'The activity beats.' },
  {
    pattern: 'renew(?:s|ed|ing|als?)?',
    hint: 'reapply, delete the failed objects',
    example: 'The release is renewed.',
  },
  { pattern: 'accounts? for|of no account', hint: 'owns, ownership', example: 'No store accounts for it.' },
  { pattern: "(?:store|store's|public) handles?", hint: 'slug', example: 'The store handle is part of the URL.' },
  { pattern: '(?<![-./])labs?', hint: 'fault environment', example: 'The lab starts Postgres.' },
  { pattern: '(?:a|the|each|every|all|its) traps?', hint: 'fault point', example: 'The test sets a trap.' },
  { pattern: 'lanes?', hint: 'contender, queue', example: 'Each lane runs one store.' },
  { pattern: 'newcomers?', hint: 'new customers, new requests', example: 'Newcomers wait.' },
  { pattern: 'rush', hint: 'load, overload', example: 'In a rush the server answers 503.' },
  {
    pattern: 'releas(?:e|es|ed|ing) (?:the |its )?(?:quota|volumes?)',
    hint: 'decrement the quota, expire the volumes',
    example: 'The delete releases the quota.',
  },
  { pattern: 'needed-to-sell', hint: 'required-for-checkout', example: 'The annotation needed-to-sell is set.' },
  { pattern: 'HELM_SLOTS', hint: 'CLUSTER_SLOTS_PER_WORKER', example: 'Set HELM_SLOTS to 8.' },
  { pattern: 'MAX_HELM_TASKS', hint: 'MAX_CLUSTER_TASKS_PER_SECOND', example: 'Set MAX_HELM_TASKS to 32.' },
  {
    pattern: 'undeleteWithinSeconds|undeleteSeconds|UNDELETE_SECONDS',
    hint: 'undeleteWindowSeconds',
    example: 'The body has undeleteSeconds.',
  },
];

export const PHRASES: readonly Phrase[] = [...LANGUAGE, ...VOCABULARY];
