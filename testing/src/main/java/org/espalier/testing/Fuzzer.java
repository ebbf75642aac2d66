package org.espalier.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Gives damaged files to a reader for a while. Each is taken or refused as the reader promises, within two seconds of processor time and 512
 * MiB of memory; anything else is a crash, of which the message tells how to replay it. A file that is refused for a reason not seen before
 * is damaged further, so that the search does not stay at the door.
 *
 * <p>{@code -Dfuzz.seconds} says how long for each reader (10), {@code -Dtests.seed} where the numbers begin.
 */
public final class Fuzzer {
    private static final long SEED = Long.getLong("tests.seed", 20261130);
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 10);
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MOST_BYTES = 512L << 20;
    private static final String CRASH = "crash: ";
    private static final int MOST_KEPT = 2_000;
    private static final int LARGEST = 1 << 16;
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        64,
        65,
        255,
        256,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** A reader under test. */
    @FunctionalInterface
    public interface Reader {
        /**
         * Reads.
         *
         * @return why the file is refused; empty where it is taken
         * @throws Exception what the reader does not promise: a crash
         */
        String read(byte[] file) throws Exception;
    }

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<byte[]> kept;
    private final List<String> words;

    private Fuzzer(List<byte[]> corpus, List<String> words) {
        this.kept = new ArrayList<>(corpus);
        this.words = words;
    }

    /**
     * Asserts that each damaged file is taken or refused. Prints one line: executions, different outcomes, the slowest and the hungriest file.
     *
     * @param corpus small valid files
     * @param words that mean something to the reader
     */
    public static void assertTakenOrRefused(String name, List<byte[]> corpus, List<String> words, Reader reader) {
        for (byte[] valid : corpus) {
            assertThat(outcome(reader, valid))
                    .as("%s: the corpus is valid", name)
                    .isEmpty();
        }
        new Fuzzer(corpus, words).run(name, reader);
    }

    private void run(String name, Reader reader) {
        Set<String> outcomes = new HashSet<>();
        long executions = 0;
        long taken = 0;
        long slowest = 0;
        long hungriest = 0;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (System.nanoTime() < end) {
            byte[] file = mutant();
            String where = String.format(
                    Locale.ROOT, "%s: file %d of -Dtests.seed=%d: %s", name, executions, SEED, start(file));
            long bytes = THREAD.getCurrentThreadAllocatedBytes();
            long nanos = THREAD.getCurrentThreadCpuTime();
            String outcome = outcome(reader, file);
            nanos = THREAD.getCurrentThreadCpuTime() - nanos;
            bytes = THREAD.getCurrentThreadAllocatedBytes() - bytes;
            assertThat(outcome).as(where).doesNotStartWith(CRASH);
            assertThat(nanos).as("processor time, " + where).isLessThan(MOST_NANOS);
            assertThat(bytes).as("bytes, " + where).isLessThan(MOST_BYTES);
            executions++;
            taken += outcome.isEmpty() ? 1 : 0;
            slowest = Math.max(slowest, nanos);
            hungriest = Math.max(hungriest, bytes);
            if (outcomes.add(outcome.replaceAll("[0-9]+|'[^']*'", "#")) && kept.size() < MOST_KEPT) {
                kept.add(file);
            }
        }
        String report = String.format(
                Locale.ROOT,
                "fuzz %s: %,d executions in %d s, %,d taken, %,d outcomes, slowest %d ms, most memory %d MiB, no crash",
                name,
                executions,
                SECONDS,
                taken,
                outcomes.size(),
                slowest / 1_000_000,
                hungriest >> 20);
        System.out.println(report);
        assertThat(outcomes).as(report).hasSizeGreaterThan(2);
    }

    private static String outcome(Reader reader, byte[] file) {
        try {
            return reader.read(file);
        } catch (Throwable e) {
            StringBuilder trace = new StringBuilder(CRASH + e);
            Arrays.stream(e.getStackTrace()).limit(8).forEach(s -> trace.append("\n  at ")
                    .append(s));
            return trace.toString();
        }
    }

    private static String start(byte[] file) {
        StringBuilder text = new StringBuilder(file.length + " bytes ");
        for (int i = 0; i < Math.min(file.length, 400); i++) {
            text.append(String.format(Locale.ROOT, "%02x", file[i]));
        }
        return text.toString();
    }

    private byte[] mutant() {
        byte[] file = kept.get(random.nextInt(kept.size()));
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            file = changed(file);
        }
        return file;
    }

    private byte[] changed(byte[] file) {
        int at = file.length == 0 ? 0 : random.nextInt(file.length);
        byte[] out = file.clone();
        int kind = random.nextInt(file.length == 0 ? 2 : 9);
        switch (kind) {
            case 0 -> out = splice(file, at, at, word());
            case 1 -> out = splice(file, at, at, bytes(1 + random.nextInt(12)));
            case 2 -> out[at] ^= (byte) (1 << random.nextInt(8));
            case 3 -> out[at] = (byte) random.nextInt(256);
            case 4 -> out = Arrays.copyOf(file, at);
            case 5 -> out = splice(file, at, Math.min(file.length, at + 1 + random.nextInt(8)), new byte[0]);
            case 6 -> out = splice(file, at, Math.min(file.length, at + random.nextInt(8)), word());
            case 7 -> number(out, at);
            default -> {
                byte[] other = kept.get(random.nextInt(kept.size()));
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                int to = Math.min(other.length, from + random.nextInt(64));
                out = splice(file, at, at, Arrays.copyOfRange(other, from, to));
            }
        }
        return out.length > LARGEST ? Arrays.copyOf(out, LARGEST) : out;
    }

    private byte[] word() {
        if (words.isEmpty()) {
            return bytes(2);
        }
        return words.get(random.nextInt(words.size())).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] bytes(int count) {
        byte[] some = new byte[count];
        random.nextBytes(some);
        return some;
    }

    private void number(byte[] file, int at) {
        ByteOrder order = random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        ByteBuffer buffer = ByteBuffer.wrap(file).order(order);
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        int width = 1 << random.nextInt(4);
        if (at + width <= file.length) {
            switch (width) {
                case 1 -> buffer.put(at, (byte) number);
                case 2 -> buffer.putShort(at, (short) number);
                case 4 -> buffer.putInt(at, (int) number);
                default -> buffer.putLong(at, number);
            }
        }
    }

    private static byte[] splice(byte[] file, int from, int to, byte[] between) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, from);
        out.writeBytes(between);
        out.write(file, to, file.length - to);
        return out.toByteArray();
    }
}
