package org.espalier.data.formats;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.data.DataException;

/**
 * The header of a numpy array file, versions 1 to 3 (numpy's {@code format.py}).
 *
 * @param kind f float, i signed, u unsigned, b boolean
 * @param bytes per element
 * @param order of the bytes
 * @param fortran whether the first axis runs fastest
 * @param shape all axes
 */
public record NpyHeader(char kind, int bytes, ByteOrder order, boolean fortran, List<Integer> shape) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*('([^']*)'|[^,}]*)");
    private static final Pattern FORTRAN = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, L]*)\\)");
    private static final Pattern TYPE = Pattern.compile("([<>=|]?)(f[248]|[iu][1248]|b1|\\?)");
    /** As many as numpy allows. */
    private static final int MAX_AXES = 64;

    private static final int MAX_HEADER = 1 << 16;

    /** Says what is wrong with an array. */
    public interface Refusal {
        /**
         * The error for a broken rule.
         *
         * @param rule what must hold
         * @param expected what would be right
         * @param found what is there
         * @return the error for a broken rule
         */
        DataException because(String rule, Object expected, Object found);
    }

    static NpyHeader read(InputStream in, Refusal refusal) throws IOException {
        byte[] start = in.readNBytes(8);
        if (start.length < 8 || !Arrays.equals(Arrays.copyOf(start, 6), MAGIC)) {
            throw refusal.because("array must be in numpy's format", "the magic bytes \\x93NUMPY", "something else");
        }
        int version = start[6];
        if (version < 1 || version > 3) {
            throw refusal.because("format version must be known", "1, 2 or 3", version);
        }
        byte[] sizeBytes = in.readNBytes(version == 1 ? 2 : 4);
        long size = 0;
        for (int i = sizeBytes.length - 1; i >= 0; i--) {
            size = size << 8 | (sizeBytes[i] & 0xff);
        }
        if (size > MAX_HEADER) {
            throw refusal.because("header must be sane", "at most " + MAX_HEADER + " bytes", size);
        }
        byte[] text = in.readNBytes((int) size);
        if (text.length < size) {
            throw refusal.because("header must be whole", size + " bytes", text.length + " bytes");
        }
        return parse(new String(text, StandardCharsets.UTF_8), refusal);
    }

    private static NpyHeader parse(String text, Refusal refusal) {
        Matcher descr = DESCR.matcher(text);
        Matcher fortran = FORTRAN.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!descr.find() || !fortran.find() || !shape.find()) {
            throw refusal.because(
                    "header must describe the array", "descr, fortran_order and shape", DataException.oneLine(text));
        }
        String name = descr.group(2) == null ? descr.group(1).strip() : descr.group(2);
        Matcher type = TYPE.matcher(name);
        if (!type.matches()) {
            throw refusal.because(
                    "elements must be plain numbers", "f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 u8 or b1", "'" + name + "'");
        }
        String number = type.group(2).equals("?") ? "b1" : type.group(2);
        ByteOrder order = type.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        List<Integer> axes;
        try {
            axes = Pattern.compile(",")
                    .splitAsStream(shape.group(1))
                    .map(axis -> axis.replace("L", "").strip())
                    .filter(axis -> !axis.isEmpty())
                    .map(Integer::valueOf)
                    .toList();
        } catch (NumberFormatException e) {
            throw refusal.because("axes must fit an int", "at most " + Integer.MAX_VALUE, shape.group(1));
        }
        if (axes.size() > MAX_AXES) {
            throw refusal.because("must have few axes", "at most " + MAX_AXES, axes.size());
        }
        return new NpyHeader(
                number.charAt(0),
                number.charAt(1) - '0',
                order,
                fortran.group(1).equals("True"),
                axes);
    }

    /** {@return element type and shape as numpy says them, such as int64 (3, 2)} */
    public String describe() {
        String type =
                switch (kind) {
                    case 'f' -> "float" + 8 * bytes;
                    case 'i' -> "int" + 8 * bytes;
                    case 'u' -> "uint" + 8 * bytes;
                    default -> "bool";
                };
        String axes = String.join(", ", shape.stream().map(String::valueOf).toList());
        return type + " (" + axes + (shape.size() == 1 ? ",)" : ")");
    }

    /** {@return elements of one example: all axes but the first} */
    public long rowElements() {
        long product = 1;
        for (int axis = 1; axis < shape.size(); axis++) {
            product = Math.multiplyExact(product, (long) shape.get(axis));
        }
        return product;
    }
}
