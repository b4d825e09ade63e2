package metric

// must is v: an error fails the test that asks for it, whatever it wanted to see of v.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
