package store

import "os"

// Checkpoints keeps the last checkpoint of one run: in a file, which is a [CheckpointFile], or wherever else.
type Checkpoints interface {
	// Load returns the checkpoint that was saved last; an error that matches fs.ErrNotExist says that there is none.
	Load() (*Checkpoint, error)
	// Save puts c in the place of the one before: afterwards, and if the process dies on the way, Load returns one
	// of the two.
	Save(c *Checkpoint) error
	// Remove leaves none. It is no error where there was none.
	Remove() error
	// String names the place, for messages.
	String() string
}

// CheckpointFile keeps a checkpoint in the file of that name.
type CheckpointFile string

var _ Checkpoints = CheckpointFile("")

// Load reads the file. See [LoadCheckpoint].
func (f CheckpointFile) Load() (*Checkpoint, error) { return LoadCheckpoint(string(f)) }

// Save replaces the file. See [Checkpoint.Save].
func (f CheckpointFile) Save(c *Checkpoint) error { return c.Save(string(f)) }

// Remove removes the file.
func (f CheckpointFile) Remove() error { return removeIfThere(string(f)) }

// There reports whether there is such a file.
func (f CheckpointFile) There() bool {
	_, err := os.Stat(string(f))
	return err == nil
}

func (f CheckpointFile) String() string { return string(f) }
