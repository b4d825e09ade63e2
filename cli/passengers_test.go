package cli

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// passengers writes a third of the Titanic's passengers (see boost/testdata) with words for codes, mended in one way,
// bad in most: "passengers PART HOW FILE".
func passengers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: passengers PART HOW FILE")
	}
	part, err := strconv.Atoi(args[0])
	ts.Check(err)
	f, err := os.Open(filepath.Join(ts.Getenv("HALFDONE"), "../../../boost/testdata/titanic.csv"))
	ts.Check(err)
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	ts.Check(err)
	words := map[int]map[string]string{0: {"0": "no", "1": "yes"}, 2: {"0": "female", "1": "male"},
		7: {"0": "C", "1": "Q", "2": "S", "": ""}}
	rows := [][]string{append([]string{"Name"}, all[0]...)}
	for i, r := range all[1:] {
		if i*7919%3 == part {
			for k, w := range words {
				r[k] = w[r[k]]
			}
			rows = append(rows, append([]string{"passenger number " + strconv.Itoa(i)}, r...))
		}
	}
	const survived, sex, age, fare = 1, 3, 4, 7
	for i, r := range rows[1:] {
		switch next := rows[1+(i+1)%(len(rows)-1)]; args[1] {
		case "negative":
			if i%8 == 0 && r[age] != "" {
				r[age] = "-" + r[age]
			}
		case "filled":
			if r[age] == "" {
				r[age] = "29.5"
			}
		case "shuffled":
			if i+2 < len(rows) {
				r[sex] = next[sex]
			}
		case "words":
			if i%10 == 0 {
				r[fare] = "free"
			}
		}
	}
	for i, r := range rows {
		switch args[1] {
		case "turned":
			rows[i] = []string{r[8], r[7], r[6], r[5], r[4], r[3], r[2], r[1], r[0]}
		case "without":
			rows[i] = append(append([]string{}, r[:sex]...), r[sex+1:]...)
		}
	}
	var b bytes.Buffer
	ts.Check(csv.NewWriter(&b).WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o666))
}
