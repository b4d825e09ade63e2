package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed9a7962a8/ito"
	"github.com/seed9a7962a8/ito/solve"
)

// mostGridBytes bounds a file of levels.
const mostGridBytes = 1 << 20

// gridWord is a word of --grid in which a file of levels is replaced by what it holds, so that everything that
// depends on the word depends on them. FILE may follow a unit, as times:FILE; a name of a grid is not a file.
func gridWord(word string) (string, error) {
	if word == "auto" {
		return word, nil
	}
	if _, err := solve.GridByName(word); err == nil {
		return word, nil
	}
	unit, name := "sigmas", word
	if u, rest, ok := strings.Cut(word, ":"); ok && (u == "sigmas" || u == "times" || u == "lambdas") {
		unit, name = u, rest
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return word, nil // the word's own error says more
	}
	f, err := os.Open(name)
	if err != nil {
		return "", &ito.InputError{Where: "--grid " + name, What: err.Error()}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostGridBytes+1))
	if err != nil {
		return "", &ito.InputError{Where: "--grid " + name, What: err.Error()}
	}
	if len(text) > mostGridBytes {
		return "", &ito.InputError{Where: "--grid " + name, What: fmt.Sprintf("it has more than %d bytes",
			mostGridBytes), Do: "give a list of levels"}
	}
	l, _, err := solve.ParseLevels(unit + ":" + string(text))
	if err != nil {
		return "", fmt.Errorf("--grid %s: %w", name, err)
	}
	return l.String(), nil
}
