package org.espalier.tensorboard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.espalier.io.SafeText;

/**
 * An event file: TFRecords that hold {@code tensorflow.Event} messages.
 *
 * <p>A record is the length of its data (int64), that length's checksum (int32), the data, and the data's checksum
 * (int32), all little-endian; a checksum is a masked CRC-32C. Each event is in the file when its method returns, and
 * a program that is killed leaves at most one torn record at the end, which readers skip.
 */
public final class EventFile implements AutoCloseable {
    private static final int CHECKSUM_MASK = 0xa282ead8;

    // Field numbers of event.proto and summary.proto.
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION_LOG = 7;
    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int VALUE_HISTOGRAM = 5;

    private final Path file;
    private final OutputStream out;

    private EventFile(Path file, OutputStream out) {
        this.file = file;
        this.out = out;
    }

    /**
     * Begins a new file in a folder, which is made where it is missing. TensorBoard shows all files of a folder as
     * one run.
     *
     * @param folder where it lies
     * @return the open file
     * @throws IOException if it cannot be written
     */
    public static EventFile create(Path folder) throws IOException {
        Files.createDirectories(folder);
        long seconds = System.currentTimeMillis() / 1000;
        while (true) {
            Path file = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.espalier", seconds));
            try {
                OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                EventFile events = new EventFile(file, out);
                events.write(event(0).text(EVENT_FILE_VERSION, "brain.Event:2"));
                return events;
            } catch (FileAlreadyExistsException e) {
                seconds++;
            }
        }
    }

    /**
     * Where the events are.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Says that training begins, again if {@code step} is not 0: readers forget what older files hold from that step
     * on.
     *
     * @param step the step, from 0
     * @throws IOException if the file cannot be written
     */
    public void start(long step) throws IOException {
        write(event(step).message(EVENT_SESSION_LOG, new Message().integer(SESSION_STATUS, SESSION_START)));
    }

    /**
     * Adds a number.
     *
     * @param tag name of the curve
     * @param step the step, from 0
     * @param value the value
     * @throws IOException if the file cannot be written
     */
    public void scalar(String tag, long step, double value) throws IOException {
        add(step, new Message().text(VALUE_TAG, SafeText.line(tag)).single(VALUE_SIMPLE, (float) value));
    }

    /**
     * Adds a histogram.
     *
     * @param tag name of the curve
     * @param step the step, from 0
     * @param histogram the counts
     * @throws IOException if the file cannot be written
     */
    public void histogram(String tag, long step, Histogram histogram) throws IOException {
        add(step, new Message().text(VALUE_TAG, SafeText.line(tag)).message(VALUE_HISTOGRAM, histogram.toMessage()));
    }

    private void add(long step, Message value) throws IOException {
        write(event(step).message(EVENT_SUMMARY, new Message().message(SUMMARY_VALUE, value)));
    }

    private static Message event(long step) {
        return new Message()
                .number(EVENT_WALL_TIME, System.currentTimeMillis() / 1000.0)
                .integer(EVENT_STEP, step);
    }

    private void write(Message event) throws IOException {
        byte[] data = event.toBytes();
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length);
        record.putInt(checksum(record.array(), 0, 8));
        record.put(data);
        record.putInt(checksum(data, 0, data.length));
        out.write(record.array());
    }

    /** A CRC-32C, rotated and shifted so that checksums of data that hold checksums stay good. */
    static int checksum(byte[] data, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(data, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_MASK;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
