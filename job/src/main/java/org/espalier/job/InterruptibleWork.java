package org.espalier.job;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Work on a thread of its own, so that an interrupt of the calling thread becomes a request to stop. On the calling thread itself an
 * interrupt would break whatever file is being written: Java closes a {@link java.nio.channels.FileChannel} then.
 *
 * @param <T> what the work gives
 */
final class InterruptibleWork<T> {
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private @Nullable T result;
    private @Nullable Throwable failure;

    private InterruptibleWork() {}

    /**
     * Does the work and waits for its end. An interrupt is consumed, as by a method that throws {@link InterruptedException}.
     *
     * @param work is given what to ask between two steps: whether the calling thread was interrupted
     * @return what the work gives
     * @throws RuntimeException what the work throws
     */
    static <T> T run(String name, Function<BooleanSupplier, T> work) {
        InterruptibleWork<T> one = new InterruptibleWork<>();
        Thread thread = new Thread(() -> one.work(work), name);
        thread.setDaemon(true);
        thread.start();
        one.await(thread);
        return one.result();
    }

    private void work(Function<BooleanSupplier, T> work) {
        try {
            result = work.apply(interrupted::get);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void await(Thread thread) {
        while (true) {
            try {
                thread.join();
                return;
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        }
    }

    private T result() {
        if (failure instanceof Error e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        T given = result;
        if (given == null) {
            throw new IllegalStateException("work: must give a result or fail, found neither");
        }
        return given;
    }
}
