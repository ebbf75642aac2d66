package org.espalier.data.pictures;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.ImageOptions;
import org.espalier.data.formats.FileTree;
import org.espalier.data.formats.Memory;
import org.jspecify.annotations.Nullable;

/** Decodes pictures with several threads and brings them to one shape. The first bad one, in order, is reported. */
public final class PictureLoader {
    private static final int MAX_THREADS = 8;
    private static final int TOLD_EACH = 100;

    private final FileTree tree;
    private final ImageOptions options;
    private final DataProgress progress;
    private int read;

    /** Bytes that all pictures may take. */
    private final long room;

    /**
     * A loader that may use the memory that the JVM has.
     *
     * @param tree the files
     * @param options how pictures are made alike
     * @param progress hears how many are read
     */
    public PictureLoader(FileTree tree, ImageOptions options, DataProgress progress) {
        this(tree, options, progress, Runtime.getRuntime().maxMemory());
    }

    /**
     * A loader of limited memory.
     *
     * @param tree the files
     * @param options how pictures are made alike
     * @param progress hears how many are read
     * @param room bytes that pictures may take
     */
    public PictureLoader(FileTree tree, ImageOptions options, DataProgress progress, long room) {
        this.tree = tree;
        this.options = options;
        this.progress = progress;
        this.room = room;
    }

    private record Failure(int index, Throwable cause) {}

    /**
     * Reads pictures of one shape, in the order of their names.
     *
     * @param files the files
     * @return the pictures
     * @throws DataException naming the first picture that is damaged or of another size, or if there is no room for
     *     all of them
     */
    public List<Picture> load(List<String> files) {
        requireRoom(files);
        @Nullable Picture[] loaded = new Picture[files.size()];
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable Failure> failure = new AtomicReference<>();
        Runnable work = () -> {
            // Numbers are handed out in order: when one fails, all smaller ones are done or under way.
            for (int i = next.getAndIncrement();
                    i < loaded.length && failure.get() == null;
                    i = next.getAndIncrement()) {
                try {
                    loaded[i] = load(files.get(i));
                    tellOneMore(loaded.length);
                } catch (RuntimeException | Error e) {
                    Failure mine = new Failure(i, e);
                    failure.accumulateAndGet(
                            mine, (old, now) -> old == null || (now != null && now.index() < old.index()) ? now : old);
                }
            }
        };
        runEverywhere(
                work,
                Math.min(
                        loaded.length,
                        Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors())));
        Failure failed = failure.get();
        if (failed != null && failed.cause() instanceof Error error) {
            throw error;
        }
        if (failed != null && failed.cause() instanceof RuntimeException exception) {
            throw exception;
        }
        List<Picture> pictures = new ArrayList<>();
        for (Picture picture : loaded) {
            if (picture == null) {
                throw new IllegalStateException("pictures of '" + tree.root() + "': all must be loaded, found a gap");
            }
            pictures.add(picture);
        }
        return unify(files, pictures);
    }

    private synchronized void tellOneMore(int total) {
        read++;
        if (read % TOLD_EACH == 0 || read == total) {
            progress.update("read " + tree.root().getFileName(), "pictures", read, total);
        }
    }

    /** All will have the first one's size: decoding many for minutes, to find then that memory does not suffice, helps nobody. */
    private void requireRoom(List<String> files) {
        Picture first = load(files.get(0));
        long bytes = (long) first.pixels().length * files.size();
        if (bytes > room) {
            throw DataException.of(
                    FileTree.SUBJECT,
                    tree.root(),
                    "pictures must fit into Java's memory: take fewer or smaller ones, or give it more (-Xmx)",
                    "at most " + Memory.megabytes(room),
                    Memory.megabytes(bytes) + " of " + files.size() + " pictures of " + first.height() + "x"
                            + first.width());
        }
    }

    private static void runEverywhere(Runnable work, int threads) {
        Thread[] helpers = new Thread[Math.max(0, threads - 1)];
        Arrays.setAll(helpers, i -> new Thread(work, "espalier-pictures-" + i));
        for (Thread helper : helpers) {
            helper.setDaemon(true);
            helper.start();
        }
        work.run();
        boolean interrupted = false;
        for (Thread helper : helpers) {
            while (helper.isAlive()) {
                try {
                    helper.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Picture load(String file) {
        Path place = tree.locate(file);
        try {
            Picture picture = PictureDecoder.decode(tree.read(file));
            if (options.channels() != 0) {
                picture = picture.withChannels(options.channels());
            }
            return options.height() == 0 ? picture : picture.fit(options.height(), options.width(), options.resize());
        } catch (IOException e) {
            throw DataException.of(
                    "image",
                    place,
                    "picture must be readable",
                    "a whole JPEG or PNG",
                    DataException.oneLine(String.valueOf(e.getMessage())));
        }
    }

    private List<Picture> unify(List<String> files, List<Picture> pictures) {
        Picture first = pictures.get(0);
        int channels = pictures.stream().mapToInt(Picture::channels).max().orElse(1);
        for (int i = 0; i < pictures.size(); i++) {
            Picture picture = pictures.get(i);
            if (picture.height() != first.height() || picture.width() != first.width()) {
                throw DataException.of(
                        "image",
                        tree.locate(files.get(i)),
                        "pictures must have one size unless one is asked for",
                        first.height() + "x" + first.width() + " as " + files.get(0),
                        picture.height() + "x" + picture.width());
            }
            pictures.set(i, picture.withChannels(channels));
        }
        return pictures;
    }
}
