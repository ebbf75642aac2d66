package org.espalier.tensorboard;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.List;

/**
 * How many values lie in each of a row of buckets.
 *
 * @param lowest lower limit of the first bucket
 * @param width width of each bucket
 * @param counts values per bucket
 */
public record Histogram(double lowest, double width, List<Long> counts) {
    // Field numbers of HistogramProto in histogram.proto.
    private static final int MIN = 1;
    private static final int MAX = 2;
    private static final int COUNT = 3;
    private static final int SUM = 4;
    private static final int SQUARES = 5;
    private static final int LIMITS = 6;
    private static final int BUCKETS = 7;

    public Histogram {
        counts = List.copyOf(counts);
        if (!(width > 0)) {
            throw new IllegalArgumentException("histogram 'width': must be positive, expected > 0, found " + width);
        }
    }

    /** Upper limit of a bucket. */
    double limit(int bucket) {
        return lowest + width * (bucket + 1);
    }

    /** Writes the fields of a HistogramProto; every value counts as its bucket's middle. */
    void writeTo(CodedOutputStream out) throws IOException {
        int first = 0;
        int last = counts.size() - 1;
        while (first < last && counts.get(first) == 0) {
            first++;
        }
        while (last > first && counts.get(last) == 0) {
            last--;
        }
        double n = 0;
        double sum = 0;
        double squares = 0;
        for (int i = first; i <= last; i++) {
            double middle = limit(i) - width / 2;
            n += counts.get(i);
            sum += counts.get(i) * middle;
            squares += counts.get(i) * middle * middle;
        }
        out.writeDouble(MIN, limit(first) - width);
        out.writeDouble(MAX, limit(last));
        out.writeDouble(COUNT, n);
        out.writeDouble(SUM, sum);
        out.writeDouble(SQUARES, squares);
        int bytes = 8 * (last - first + 1);
        out.writeTag(LIMITS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(bytes);
        for (int i = first; i <= last; i++) {
            out.writeDoubleNoTag(limit(i));
        }
        out.writeTag(BUCKETS, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(bytes);
        for (int i = first; i <= last; i++) {
            out.writeDoubleNoTag(counts.get(i));
        }
    }
}
