package org.espalier.torch;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;

/**
 * The owner of every native object made while it is open on this thread; they are freed when it closes. Training and
 * evaluation open one per step: the garbage collector does not see native memory. What must live longer goes to
 * {@link NativeHandles}.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     Tensor loss = ...;
 * }
 * }</pre>
 *
 * <p>With {@code -Despalier.debug.memory=true} each scope remembers where it was opened; see {@link #openScopes}.
 */
public final class Scope implements AutoCloseable {
    private static final Map<Scope, Throwable> OPEN = new ConcurrentHashMap<>();

    private final PointerScope pointers;

    private Scope() {
        Engine.start();
        pointers = new PointerScope();
        if (NativeHandles.DEBUG) {
            OPEN.put(
                    this,
                    new Throwable(
                            "scope opened on thread " + Thread.currentThread().getName()));
        }
    }

    /**
     * Opens a scope on this thread.
     *
     * @return the scope, which must be closed
     */
    public static Scope open() {
        return new Scope();
    }

    /** Frees what was made in this scope and not kept. */
    @Override
    public void close() {
        pointers.close();
        if (NativeHandles.DEBUG) {
            OPEN.remove(this);
        }
    }

    /**
     * Scopes that are open, each with the place where it was opened; empty unless {@code espalier.debug.memory} is set.
     *
     * @return each with where it was opened
     */
    public static Map<Scope, Throwable> openScopes() {
        return Map.copyOf(OPEN);
    }
}
