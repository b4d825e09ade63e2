package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed9a7962a8/ito"
)

// Store keeps what is committed, by name. It is the truth of a job; its methods may be called at the same time, from
// many machines.
type Store interface {
	// Create begins an object that nobody sees before it is committed.
	Create(ctx context.Context, name string) (Pending, error)
	// Open reads an object; one that is not there is an error that matches fs.ErrNotExist.
	Open(ctx context.Context, name string) (io.ReadCloser, int64, error)
	// Tail reads the last n bytes of an object, or all of a shorter one, and its size.
	Tail(ctx context.Context, name string, n int64) ([]byte, int64, error)
	// List lists the objects whose names begin so.
	List(ctx context.Context, prefix string) ([]string, error)
	// Remove removes an object; one that is not there is none.
	Remove(ctx context.Context, name string) error
	String() string
}

// Pending is an object that is being written.
type Pending interface {
	io.Writer
	// Commit makes the object durable and visible, if none of its name is there: otherwise it is errThere and nothing
	// has changed. With replace it takes the place of one that is there.
	Commit(replace bool) error
	// Abort forgets it; after Commit it does nothing.
	Abort()
}

// ErrThere says that an object of the name was committed before.
var ErrThere = errors.New("it is there already")

// schemes open stores by the scheme of their address.
var schemes = map[string]func(ctx context.Context, address string) (Store, error){}

// RegisterStore makes a kind of store known by its scheme, as s3. It is called in an init function.
func RegisterStore(scheme string, open func(ctx context.Context, address string) (Store, error)) {
	schemes[scheme] = open
}

// OpenStore opens the store of an address: a directory, which is made if need be, or SCHEME://…
func OpenStore(ctx context.Context, address string) (Store, error) {
	scheme, _, ok := strings.Cut(address, "://")
	if !ok {
		return openDir(address)
	}
	if open := schemes[scheme]; open != nil {
		return open(ctx, address)
	}
	where := "`store` " + address
	if scheme == "s3" {
		return nil, &ito.InputError{Where: where, What: "this program has no object stores",
			Do: "use the program ito-cluster, which is ito with them"}
	}
	return nil, &ito.InputError{Where: where, What: fmt.Sprintf("there are no stores of %s", scheme),
		Do: fmt.Sprintf("give a directory, or one of %v", slices.Sorted(maps.Keys(schemes)))}
}
