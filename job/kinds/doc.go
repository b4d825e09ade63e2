// Package kinds registers the commands that can be jobs: sample, infer, forecast, evaluate, tune and run.
package kinds
