package extsort

// cursorRecords are in memory of a cursor over the scratch.
const cursorRecords = 1 << 13

// Cursor goes over sorted records.
type Cursor struct {
	scratch Scratch
	from    int64 // the word of the next record that is not in the buffer
	n       int   // records left, those in the buffer included
	down    bool
	all     bool // the buffer has all records
	buffer  []uint64
	at      int // in the buffer
	last    int // the end of the buffer
}

// More reports whether the cursor is at a record.
func (c *Cursor) More() bool { return c.n > 0 }

// Key is the record's number as a word: keys are equal where numbers are, and −0 is 0.
func (c *Cursor) Key() uint64 { return c.buffer[c.at] }

// Place is where the number was.
func (c *Cursor) Place() uint64 { return c.buffer[c.at+1] }

// Value is the record's number.
func (c *Cursor) Value() float64 { return unkey(c.Key()) }

// Next goes to the next record.
func (c *Cursor) Next() error {
	c.n--
	if c.down {
		c.at -= 2
	} else {
		c.at += 2
	}
	if c.n > 0 && !c.all && (c.at < 0 || c.at == c.last) {
		return c.fill()
	}
	return nil
}

// fill reads the next records into the buffer.
func (c *Cursor) fill() error {
	if c.n <= 0 {
		return nil
	}
	words := 2 * min(len(c.buffer)/2, c.n)
	c.last, c.at = words, 0
	from := c.from
	if c.down {
		from = c.from + 2 - int64(words)
		c.at = words - 2
		c.from -= int64(words)
	} else {
		c.from += int64(words)
	}
	return c.scratch.ReadWords(c.buffer[:words], from)
}
