package org.espalier.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Batches of a data set, epoch after epoch, prepared in the background.
 *
 * <p>The order of examples follows from (seed, epoch), an example's augmentation from (seed, epoch, example): neither
 * depends on threads nor on where reading began. So {@link #seek} to the next (epoch, batch) goes on exactly as if
 * nothing had happened in between.
 *
 * <pre>{@code
 * try (BatchLoader loader = BatchLoader.of(train).batchSize(128).seed(1).build()) {
 *     loader.seek(epoch, batch);
 *     Batch next = loader.next();
 * }
 * }</pre>
 *
 * <p>One thread at a time may take batches. Buffers are allocated once; a step makes no garbage.
 */
public final class BatchLoader implements AutoCloseable {
    /** More stand in no picture. */
    private static final int MOST_CHANNELS = 4;

    private final DataSet data;
    private final int batchSize;
    private final int batchesPerEpoch;
    private final int prefetch;
    private final long end;
    private final EpochOrder order;
    private final List<Batch> slots = new ArrayList<>();
    private final BatchFiller ownFiller;
    private final List<Thread> threads = new ArrayList<>();

    private final Object lock = new Object();
    /** Ticket of the batch that each slot holds, −1 while it holds none; tickets count batches over all epochs. */
    private final long[] ready;

    private long nextTake;
    private long nextFill;
    private int filling;
    private boolean seeking;
    private boolean closed;
    private @Nullable Throwable failure;
    private long failedTicket = Long.MAX_VALUE;
    private long waitNanos;

    private BatchLoader(Builder builder) {
        data = builder.data;
        batchSize = Math.min(builder.batchSize, data.size());
        int whole = data.size() / batchSize;
        batchesPerEpoch = builder.dropLast || data.size() % batchSize == 0 ? whole : whole + 1;
        prefetch = builder.prefetch;
        end = builder.epochs == Integer.MAX_VALUE ? Long.MAX_VALUE : (long) builder.epochs * batchesPerEpoch;
        order = new EpochOrder(data.size(), builder.seed, builder.shuffle, 2 + (prefetch + 1) / batchesPerEpoch);
        ready = new long[prefetch + 1];
        for (int i = 0; i <= prefetch; i++) {
            slots.add(new Batch(data, batchSize));
            ready[i] = -1;
        }
        ownFiller = new BatchFiller(data, builder.augmentation, builder.seed);
        for (int i = 0; i < (prefetch == 0 ? 0 : builder.workers); i++) {
            BatchFiller filler = new BatchFiller(data, builder.augmentation, builder.seed);
            Thread thread = new Thread(() -> work(filler), "espalier-batches-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /**
     * Starts a loader.
     *
     * @param data what to take batches from
     * @return a builder with batch size 128, shuffling, seed 0 and one worker that prepares two batches ahead
     */
    public static Builder of(DataSet data) {
        return new Builder(data);
    }

    /**
     * The number of batches in each epoch.
     *
     * @return at least 1
     */
    public int batchesPerEpoch() {
        return batchesPerEpoch;
    }

    /**
     * How long {@link #next()} has waited for batches so far: what training loses to data.
     *
     * @return nanoseconds, over the life of the loader
     */
    public long waitNanos() {
        synchronized (lock) {
            return waitNanos;
        }
    }

    /**
     * Goes to a batch; the next call of {@link #next()} returns it.
     *
     * @param epoch from 0
     * @param batch 0 to batchesPerEpoch − 1
     * @throws IllegalArgumentException if there is no such batch
     * @throws IllegalStateException if the loader is closed
     */
    public void seek(int epoch, int batch) {
        if (epoch < 0 || batch < 0 || batch >= batchesPerEpoch) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "batches of '%s': position must exist, expected epoch >= 0 and batch 0 to %d, found epoch %d, "
                            + "batch %d",
                    data.name(),
                    batchesPerEpoch - 1,
                    epoch,
                    batch));
        }
        synchronized (lock) {
            requireOpen();
            long ticket = (long) epoch * batchesPerEpoch + batch;
            if (ticket == nextTake && failure == null) {
                return;
            }
            seeking = true;
            boolean interrupted = false;
            try {
                while (filling > 0) {
                    interrupted |= pause();
                }
                Arrays.fill(ready, -1);
                failure = null;
                failedTicket = Long.MAX_VALUE;
                nextTake = ticket;
                nextFill = ticket;
            } finally {
                markAgain(interrupted);
                seeking = false;
                lock.notifyAll();
            }
        }
    }

    /**
     * Takes the next batch, waiting for it if need be. After an epoch's last batch comes the next epoch's first. An interrupt does not end
     * the waiting, which is short; the thread stays marked as interrupted.
     *
     * @return the batch, valid until the next call
     * @throws NoSuchElementException after the last batch of the last epoch
     * @throws IllegalStateException if the loader is closed, or the batch could not be made;
     *     the cause says why
     */
    public Batch next() {
        synchronized (lock) {
            requireOpen();
            if (nextTake >= end) {
                throw new NoSuchElementException(
                        "batches of '" + data.name() + "': there must be epochs left, found none");
            }
            long ticket = nextTake;
            int slot = slotOf(ticket);
            if (prefetch == 0) {
                try {
                    fill(ownFiller, ticket);
                } catch (RuntimeException | Error e) {
                    throw failed(ticket, e);
                }
                nextTake = ticket + 1;
                return slots.get(slot);
            }
            if (ready[slot] != ticket) {
                await(ticket, slot);
            }
            // Only now is the slot of the batch before this one free to be filled again.
            nextTake = ticket + 1;
            lock.notifyAll();
            return slots.get(slot);
        }
    }

    private void await(long ticket, int slot) {
        long start = System.nanoTime();
        boolean interrupted = false;
        try {
            while (ready[slot] != ticket) {
                if (failure != null && ticket >= failedTicket) {
                    throw failed(failedTicket, failure);
                }
                interrupted |= pause();
                requireOpen();
            }
        } finally {
            markAgain(interrupted);
        }
        waitNanos += System.nanoTime() - start;
    }

    /** Stops the background threads. Batches taken before are no longer valid. Closing twice does nothing. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        try {
            for (Thread thread : threads) {
                if (thread != Thread.currentThread()) {
                    thread.join();
                }
            }
        } catch (InterruptedException e) {
            // The threads are daemons and end with the batch at hand.
            Thread.currentThread().interrupt();
        }
    }

    /** What a worker does: takes the next ticket, fills its slot, says so; stops when the loader is closed. */
    private void work(BatchFiller filler) {
        while (true) {
            long ticket;
            synchronized (lock) {
                while (!closed && !mayFill()) {
                    pause();
                }
                if (closed) {
                    return;
                }
                ticket = nextFill++;
                filling++;
            }
            Throwable thrown = null;
            try {
                fill(filler, ticket);
            } catch (Throwable e) { // whatever it is, the consumer must hear of it
                thrown = e;
            }
            synchronized (lock) {
                filling--;
                if (thrown == null) {
                    ready[slotOf(ticket)] = ticket;
                } else if (ticket < failedTicket) {
                    failure = thrown;
                    failedTicket = ticket;
                }
                lock.notifyAll();
            }
        }
    }

    private boolean mayFill() {
        return !seeking && failure == null && nextFill < end && nextFill < nextTake + prefetch;
    }

    private void fill(BatchFiller filler, long ticket) {
        int epoch = (int) (ticket / batchesPerEpoch);
        int index = (int) (ticket % batchesPerEpoch);
        int from = index * batchSize;
        int count = Math.min(batchSize, data.size() - from);
        Batch batch = slots.get(slotOf(ticket));
        batch.begin(epoch, index, count);
        filler.fill(batch, epoch, order.of(epoch), from, count);
        batch.finish();
    }

    private int slotOf(long ticket) {
        return (int) (ticket % slots.size());
    }

    private IllegalStateException failed(long ticket, Throwable cause) {
        return new IllegalStateException(
                String.format(
                        Locale.ROOT,
                        "batches of '%s': every batch must be made, expected batch %d of epoch %d, found %s",
                        data.name(),
                        ticket % batchesPerEpoch,
                        ticket / batchesPerEpoch,
                        cause),
                cause);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(
                    "batches of '" + data.name() + "': the loader must be open, expected open, found closed");
        }
    }

    /** Waits for any change, and says whether an interrupt came instead; callers hold the lock and check their condition in a loop. */
    @SuppressWarnings("WaitNotInLoop")
    private boolean pause() {
        try {
            lock.wait();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static void markAgain(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The settings of a loader. */
    public static final class Builder {
        private final DataSet data;
        private int batchSize = 128;
        private long seed;
        private boolean shuffle = true;
        private boolean dropLast;
        private @Nullable Augmentation augmentation;
        private int prefetch = 2;
        private int workers = 1;
        private int epochs = Integer.MAX_VALUE;

        private Builder(DataSet data) {
            this.data = data;
        }

        /**
         * Sets the number of examples in a batch; the last of an epoch may be smaller.
         *
         * @param examples at least 1; more than there are means all
         * @return this
         */
        public Builder batchSize(int examples) {
            batchSize = atLeast(1, "batch size", examples);
            return this;
        }

        /**
         * Sets the seed of order and augmentation.
         *
         * @param value any
         * @return this
         */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * Sets whether each epoch has an order of its own; otherwise examples come as they are numbered.
         *
         * @param value true by default
         * @return this
         */
        public Builder shuffle(boolean value) {
            shuffle = value;
            return this;
        }

        /**
         * Sets whether a smaller last batch is left out.
         *
         * @param value false by default
         * @return this
         */
        public Builder dropLast(boolean value) {
            dropLast = value;
            return this;
        }

        /**
         * Sets a random change of every image, for training.
         *
         * @param value what to do
         * @return this
         * @throws IllegalArgumentException if the data set has no image input
         */
        public Builder augmentation(Augmentation value) {
            if (data.inputs().stream().noneMatch(spec -> spec.isImage() && spec.type() != StorageType.INT64)) {
                throw new IllegalArgumentException("batches of '" + data.name()
                        + "': augmentation must have images to change, expected a shape [C, H, W], found "
                        + data.inputs());
            }
            for (InputSpec spec : data.inputs()) {
                List<Integer> shape = spec.shape();
                if (spec.isImage() && shape.get(0) > MOST_CHANNELS && shape.get(2) <= MOST_CHANNELS) {
                    throw new IllegalArgumentException("batches of '" + data.name() + "': pictures to change in input '"
                            + spec.name() + "' must have their channels first, expected [" + shape.get(2) + ", "
                            + shape.get(0) + ", " + shape.get(1) + "], found " + shape);
                }
            }
            augmentation = value;
            return this;
        }

        /**
         * Sets how many batches are prepared ahead.
         *
         * @param batches 0 prepares each one when it is asked for, in the caller's thread
         * @return this
         */
        public Builder prefetch(int batches) {
            prefetch = atLeast(0, "prefetch", batches);
            return this;
        }

        /**
         * Sets the number of background threads.
         *
         * @param threads at least 1; more than prefetched batches bring nothing
         * @return this
         */
        public Builder workers(int threads) {
            workers = atLeast(1, "workers", threads);
            return this;
        }

        /**
         * Sets where batches end; without it they never do.
         *
         * @param count epochs 0 to count − 1
         * @return this
         */
        public Builder epochs(int count) {
            epochs = atLeast(1, "epochs", count);
            return this;
        }

        private int atLeast(int least, String what, int value) {
            if (value < least) {
                throw new IllegalArgumentException("batches of '" + data.name() + "': " + what
                        + " must be in range, expected >= " + least + ", found " + value);
            }
            return value;
        }

        /**
         * Allocates the buffers and starts the threads.
         *
         * @return a loader at epoch 0, batch 0; close it
         */
        public BatchLoader build() {
            long example = data.inputs().stream()
                    .mapToLong(s -> (long) s.elements() * (s.type() == StorageType.INT64 ? Long.BYTES : Float.BYTES))
                    .max()
                    .orElse(1);
            long most = Math.max(1, Integer.MAX_VALUE / example);
            if (Math.min(batchSize, data.size()) > most) {
                throw new DataException(
                        "data set '" + data.name() + "': a batch must fit 2 GiB, expected a batch size of at most "
                                + most + ", found " + batchSize);
            }
            return new BatchLoader(this);
        }
    }
}
