// Package broker distributes the shards of a job by NATS JetStream, embedded or on its own. Streams hold tasks, one
// for each shard that is missing, and receipts; the samples go to the store, which is the truth. A broker that is lost
// costs time: what is missing in the store is asked for again.
//
// It registers itself with package job. The program ito-cluster has it; the program ito does not, whose start it would
// lengthen by more than a millisecond.
package broker
