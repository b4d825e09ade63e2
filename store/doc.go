// Package store keeps models, checkpoints and streams of samples on disk so that nothing half-written
// is ever mistaken for the whole.
//
// Everything is a safetensors file (https://github.com/huggingface/safetensors): eight bytes of header
// length, a JSON header, raw little-endian values. [Marshal] and [Unmarshal] are the format itself and
// nothing else. A file of ito's own is sealed besides ([Seal], [Verify]): it says which version of the
// layout it has and carries a checksum, so that a truncated, edited or newer file is refused with what
// to do about it. [WriteFile] replaces files atomically. A [Checkpoint] holds the state of a run with
// the configuration that it belongs to, and a [Stream] is an output of any length that a killed
// process continues to the same bytes.
package store
