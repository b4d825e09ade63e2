package extsort

// Scatter writes n words, each into its place from 0 to n−1, and returns the word of the scratch at which place 0 is.
// Give calls put once for every place, in any order, and may read the sorted records meanwhile. The words go through
// the space of the runs, which are merged, in buckets of as many places as fit into memory.
func (s *Sorter) Scatter(n int, give func(put func(place, word uint64) error) error) (at int64, err error) {
	buckets := (n + s.Held - 1) / s.Held
	part := 2 * max(1, len(s.spare)/2/buckets)
	if part*buckets > len(s.spare) {
		s.spare = make([]uint64, part*buckets)
	}
	filled, written := make([]int, buckets), make([]int64, buckets)
	flush := func(b int) error {
		err := s.Scratch.WriteWords(s.spare[b*part:][:filled[b]], 2*int64(b)*int64(s.Held)+written[b])
		written[b] += int64(filled[b])
		filled[b] = 0
		return err
	}
	if err := give(func(place, word uint64) error {
		b := int(place / uint64(s.Held))
		if filled[b] == part {
			if err := flush(b); err != nil {
				return err
			}
		}
		to := s.spare[b*part+filled[b]:]
		to[0], to[1] = place, word
		filled[b] += 2
		return nil
	}); err != nil {
		return 0, err
	}
	at = 4 * int64(s.N) // behind the merged records
	chunk := make([]uint64, 2*cursorRecords)
	for b := range buckets {
		if err := flush(b); err != nil {
			return 0, err
		}
		in := s.run[:min(s.Held, n-b*s.Held)]
		for from := int64(0); from < written[b]; from += int64(len(chunk)) {
			c := chunk[:min(int64(len(chunk)), written[b]-from)]
			if err := s.Scratch.ReadWords(c, 2*int64(b)*int64(s.Held)+from); err != nil {
				return 0, err
			}
			for i := 0; i < len(c); i += 2 {
				in[c[i]%uint64(s.Held)] = c[i+1]
			}
		}
		if err := s.Scratch.WriteWords(in, at+int64(b)*int64(s.Held)); err != nil {
			return 0, err
		}
	}
	return at, nil
}
