package store

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// journalEntry is the content of the file beside a stream.
type journalEntry struct {
	Version int    `json:"version"`
	Rows    int64  `json:"rows"`
	Offset  int64  `json:"offset"`
	Digest  string `json:"digest"`           // SHA-256 of the first Offset bytes
	Beside  string `json:"beside,omitempty"` // digest of a file that is written beside the stream
	Config  string `json:"config"`
	Seal    string `json:"seal"` // SHA-256 of the entry as JSON with an empty seal
}

// journalVersion is that of journals. Those before it have no digest and no seal.
const journalVersion = 4

// sealed is the entry with its seal.
func (j journalEntry) sealed() journalEntry {
	j.Seal = ""
	b, err := json.Marshal(j)
	if err != nil {
		panic(err) // numbers and text
	}
	j.Seal = Digest(b)
	return j
}

func (s *Stream) readJournal() error {
	b, err := os.ReadFile(s.journal())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // killed before the first entry
	}
	if err != nil {
		return unreadable(s.journal(), err)
	}
	var j journalEntry
	const anew = "start anew without `resume`"
	if err := json.Unmarshal(b, &j); err != nil || j.Rows < 0 || j.Offset < 0 || j.Version < 1 {
		return &FormatError{Path: s.journal(), What: "not a journal of ito", Do: anew, Err: ErrEdited}
	}
	switch {
	case j.Version > journalVersion:
		return &FormatError{Path: s.journal(), What: fmt.Sprintf("written by a newer ito: format %d, this one reads "+
			"up to %d", j.Version, journalVersion),
			Do: "update ito", Err: ErrNewer}
	case j.Version < journalVersion:
		return &FormatError{Path: s.journal(), What: fmt.Sprintf("written by an older ito: format %d has no digest of "+
			"the rows, which could be anything", j.Version), Do: anew, Err: ErrNotSealed}
	case j.Seal != j.sealed().Seal:
		return &FormatError{Path: s.journal(), What: "edited or damaged", Do: anew, Err: ErrEdited}
	}
	if j.Config != s.config {
		if err := CompareConfig(j.Config, s.config); err != nil {
			return err
		}
	}
	info, err := s.f.Stat()
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	if info.Size() < j.Offset {
		return &FormatError{Path: s.partial(), What: fmt.Sprintf("it has %d bytes and its journal says %d", info.Size(),
			j.Offset),
			Do: anew, Err: ErrTruncated}
	}
	if _, err := io.CopyN(s.sum, s.f, j.Offset); err != nil {
		return fmt.Errorf("%s: %w", s.partial(), err)
	}
	if s.digest() != j.Digest {
		return &FormatError{Path: s.partial(), What: fmt.Sprintf("edited or damaged: its first %d rows are not those "+
			"that were written", j.Rows), Do: anew, Err: ErrEdited}
	}
	s.rows, s.offset, s.beside, s.entries = j.Rows, j.Offset, j.Beside, true
	return nil
}

func (s *Stream) digest() string { return hex.EncodeToString(s.sum.Sum(nil)) }

func (s *Stream) journal() string { return s.target + ".partial.journal" }

// removeJournal also removes what a process that was killed while it wrote an entry left.
func (s *Stream) removeJournal() error {
	return errors.Join(removeIfThere(s.journal()), removeIfThere(tempName(s.journal())))
}
