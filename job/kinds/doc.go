// Package kinds registers the commands that can be jobs: sample, infer, evaluate, tune and run.
package kinds
