package metric

// cursorRecords are in memory of a cursor over the scratch.
const cursorRecords = 1 << 13

// cursor goes over sorted records.
type cursor struct {
	scratch scratch
	from    int64 // the word of the next record that is not in the buffer
	n       int   // records left, those in the buffer included
	down    bool
	all     bool // the buffer has all records
	buffer  []uint64
	at      int // in the buffer
	last    int // the end of the buffer
}

func (c *cursor) more() bool { return c.n > 0 }

func (c *cursor) key() uint64 { return c.buffer[c.at] }

func (c *cursor) place() uint64 { return c.buffer[c.at+1] }

// value is the draw of this record.
func (c *cursor) value() float64 { return unkey(c.key()) }

func (c *cursor) next() error {
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
func (c *cursor) fill() error {
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
