package ad

import "unsafe"

// findPacked decides whether the packed matrices of the last run are those of this call. The memory holds on to the
// arrays that were packed, so another array cannot have come to lie where one of them was.
func (x *execution) findPacked() {
	x.known = x.call.Fixed && len(x.packed) > 0
	for i, port := range x.p.ins {
		if x.known && port.shared {
			x.known = x.packed[i] == x.call.In[i].pointer(port.dtype)
		}
	}
	if !x.known {
		x.packed = x.packed[:0] // they are written over
	}
}

// keepPacked remembers which matrices are packed, once a run that promised to leave them alone is over.
func (x *execution) keepPacked() {
	if x.known || !x.call.Fixed {
		return
	}
	for i, port := range x.p.ins {
		var at unsafe.Pointer
		if port.shared {
			at = x.call.In[i].pointer(port.dtype)
		}
		x.packed = append(x.packed, at)
	}
}
