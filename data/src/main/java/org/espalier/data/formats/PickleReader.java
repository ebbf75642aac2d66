package org.espalier.data.formats;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.espalier.data.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the plain values of a Python pickle: dictionaries, lists, tuples, strings, bytes, integers and numpy arrays.
 *
 * <p>Nothing is ever executed: a call becomes a {@link Call}, a record of a name and its arguments, and only names on a
 * short list are let through. Any other opcode or name is refused. What is read takes little more memory than the file:
 * opcodes are counted, and no value is written out twice. Source: Python's {@code pickletools.py}, protocols 1 to 4.
 */
public final class PickleReader {
    private static final Object MARK = new Object();
    /** What numpy's arrays are made of, under the names of its versions. */
    private static final List<String> ALLOWED = List.of(
            "numpy.core.multiarray _reconstruct",
            "numpy._core.multiarray _reconstruct",
            "numpy ndarray",
            "numpy dtype",
            "_codecs encode",
            "__builtin__ bytes",
            "builtins bytes");

    /** CIFAR-10's batches have some 50,000; each may make a value of many times its one byte. */
    private static final int MAX_OPCODES = 1 << 20;

    private static final int MAX_NAME = 128;

    private final ByteBuffer in;
    private final List<@Nullable Object> stack = new ArrayList<>();
    private final Map<Integer, @Nullable Object> memo = new HashMap<>();
    private long encoded;

    /** A call that was recorded instead of made, and the state that Python would set on its result. */
    static final class Call {
        private final String name;
        private final List<@Nullable Object> arguments;
        private @Nullable Object state;

        private Call(String name, List<@Nullable Object> arguments) {
            this.name = name;
            this.arguments = arguments;
        }

        String name() {
            return name;
        }

        List<@Nullable Object> arguments() {
            return arguments;
        }

        @Nullable
        Object state() {
            return state;
        }
    }

    private record Global(String name) {}

    private PickleReader(byte[] bytes) {
        in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads one value: Map, List (lists and tuples), String (text, and Python 2 strings used as keys), byte[], Long,
     * Boolean, {@link Call} or null.
     *
     * @param bytes the bytes
     * @return the value
     * @throws IllegalArgumentException with one line that says what was not understood
     */
    public static @Nullable Object read(byte[] bytes) {
        PickleReader reader = new PickleReader(bytes);
        try {
            for (int count = 0; count < MAX_OPCODES; count++) {
                int opcode = reader.in.get() & 0xff;
                if (opcode == '.') {
                    return reader.pop();
                }
                if (!reader.push(opcode) && !reader.combine(opcode)) {
                    throw new IllegalArgumentException(
                            "opcode 0x" + Integer.toHexString(opcode) + " at byte " + (reader.in.position() - 1));
                }
            }
            throw new IllegalArgumentException("more than " + MAX_OPCODES + " opcodes");
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the end at byte " + bytes.length, e);
        } catch (IndexOutOfBoundsException | ClassCastException e) {
            throw new IllegalArgumentException("a malformed value before byte " + reader.in.position(), e);
        }
    }

    /** Opcodes that read a value. */
    private boolean push(int opcode) {
        switch (opcode) {
            case 0x80 -> in.get(); // PROTO
            case 0x95 -> in.getLong(); // FRAME
            case 'N' -> stack.add(null);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) in.getInt());
            case 'K' -> stack.add((long) (in.get() & 0xff));
            case 'M' -> stack.add((long) (in.getShort() & 0xffff));
            case 'U', 'C' -> stack.add(bytes(in.get() & 0xff));
            case 'T', 'B' -> stack.add(bytes(in.getInt()));
            case 0x8c -> stack.add(text(in.get() & 0xff));
            case 'X' -> stack.add(text(in.getInt()));
            case '}' -> stack.add(new LinkedHashMap<String, @Nullable Object>());
            case ']', ')' -> stack.add(new ArrayList<@Nullable Object>());
            case '(' -> stack.add(MARK);
            case 'c' -> stack.add(global(line(), line()));
            case 'q' -> memo.put(in.get() & 0xff, top());
            case 'r' -> memo.put(in.getInt(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> recall(in.get() & 0xff);
            case 'j' -> recall(in.getInt());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Opcodes that make one value of several. */
    private boolean combine(int opcode) {
        switch (opcode) {
            case 't' -> stack.add(popToMark());
            case 0x85 -> stack.add(popMany(1));
            case 0x86 -> stack.add(popMany(2));
            case 0x87 -> stack.add(popMany(3));
            case 'a' -> {
                Object value = pop();
                list(top()).add(value);
            }
            case 'e' -> {
                List<@Nullable Object> values = popToMark();
                list(top()).addAll(values);
            }
            case 's' -> setItems(popMany(2));
            case 'u' -> setItems(popToMark());
            case 0x93 -> {
                Object name = pop();
                stack.add(global(key(pop()), key(name)));
            }
            case 'R' -> {
                List<@Nullable Object> arguments = list(pop());
                stack.add(call((Global) required(pop()), arguments));
            }
            case 'b' -> {
                Object state = pop();
                ((Call) required(top())).state = state;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void recall(int index) {
        if (!memo.containsKey(index)) {
            throw new IllegalArgumentException("a reference to nothing before byte " + in.position());
        }
        stack.add(memo.get(index));
    }

    private static Global global(String module, String name) {
        String full = DataException.oneLine(module + " " + name);
        if (!ALLOWED.contains(full)) {
            throw new IllegalArgumentException("the name '" + full + "', which is not on the list of what is read");
        }
        return new Global(full);
    }

    /** Bytes that Python 3 wrote for Python 2 are text and the name of its encoding. */
    private Object call(Global global, List<@Nullable Object> arguments) {
        if (global.name().equals("_codecs encode")) {
            byte[] bytes = ((String) required(arguments.get(0))).getBytes(StandardCharsets.ISO_8859_1);
            encoded += bytes.length;
            if (encoded > in.limit()) {
                throw new IllegalArgumentException("the same text encoded many times before byte " + in.position());
            }
            return bytes;
        }
        return new Call(global.name(), arguments);
    }

    private void setItems(List<@Nullable Object> pairs) {
        @SuppressWarnings("unchecked")
        Map<String, @Nullable Object> map = (Map<String, @Nullable Object>) required(top());
        for (int i = 0; i < pairs.size(); i += 2) {
            map.put(key(pairs.get(i)), pairs.get(i + 1));
        }
    }

    /** A short text: lists that hold each other could be written out for ever. */
    private static String key(@Nullable Object value) {
        if (value instanceof byte[] bytes && bytes.length <= MAX_NAME) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (value instanceof String text && text.length() <= MAX_NAME) {
            return text;
        }
        throw new IllegalArgumentException("a name that is no text of at most " + MAX_NAME + " characters");
    }

    private static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new IllegalArgumentException("None where a value must be");
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private static List<@Nullable Object> list(@Nullable Object value) {
        return (List<@Nullable Object>) required(value);
    }

    private @Nullable Object top() {
        return stack.get(stack.size() - 1);
    }

    private @Nullable Object pop() {
        return stack.remove(stack.size() - 1);
    }

    private List<@Nullable Object> popMany(int count) {
        List<@Nullable Object> tail = stack.subList(stack.size() - count, stack.size());
        List<@Nullable Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    @SuppressWarnings("ReferenceEquality") // the mark is one object
    private List<@Nullable Object> popToMark() {
        int mark = stack.size() - 1;
        while (stack.get(mark) != MARK) {
            mark--;
        }
        List<@Nullable Object> values = popMany(stack.size() - mark - 1);
        stack.remove(mark);
        return values;
    }

    private byte[] bytes(int count) {
        if (count < 0 || count > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private String text(int count) {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    private String line() {
        StringBuilder line = new StringBuilder();
        for (char c = (char) in.get(); c != '\n'; c = (char) in.get()) {
            if (line.length() == MAX_NAME) {
                throw new IllegalArgumentException("a name longer than " + MAX_NAME + " characters");
            }
            line.append(c);
        }
        return line.toString();
    }
}
