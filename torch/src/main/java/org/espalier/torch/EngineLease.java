package org.espalier.torch;

/**
 * The right of one thread to use what libtorch has once per process: its precision and its random numbers. Whoever
 * holds it may ask for it again; other threads wait until it is closed. From {@link Engine#lease}.
 */
public final class EngineLease implements AutoCloseable {
    private final Runnable end;

    EngineLease(Runnable end) {
        this.end = end;
    }

    /** Gives the engine back, on the thread that took it. */
    @Override
    public void close() {
        end.run();
    }
}
