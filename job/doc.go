// Package job does work in parts that any number of processes compute, in any order, again after a crash, twice by
// mistake, with the same result. A [Manifest] names a command, its settings and a number of shards; a shard is a pure
// function of (manifest, number); the shards joined in their order are, byte for byte, what the command alone writes.
//
// The truth is the manifest and the committed shards in a [Store], a directory or a bucket: a shard is there whole,
// with its digest, or not at all. Whoever distributes the work, the processors of one machine, an index in the
// environment or a broker ([Executor]), only says who computes what next; what it loses is asked for again. Two
// results of one shard that differ stop the job ([DisagreeError]), and a process whose program, vector level or files
// are others refuses it ([MisfitError]).
//
// Package job/kinds registers the commands.
package job
