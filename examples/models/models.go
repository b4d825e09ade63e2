// Package models holds the example model files with their data, for the program, the zoo and the tests.
package models

import "embed"

// Files are the model files (.star) and their data (.json, .csv). DATA.md names the sources and licences.
//
//go:embed *.star *.json *.csv DATA.md
var Files embed.FS
