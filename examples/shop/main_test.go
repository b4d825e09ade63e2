package main

import (
	"bytes"
	"os"
	"testing"
)

// The tables beside this program are what it writes.
func TestTables(t *testing.T) {
	var a, b bytes.Buffer
	if err := write(&a, &b); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"customers.csv": a.Bytes(), "orders.csv": b.Bytes()} {
		if want, err := os.ReadFile(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is another table: %v", name, err)
		}
	}
}
