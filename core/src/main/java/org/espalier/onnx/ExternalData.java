package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.espalier.graph.GraphException;
import org.espalier.io.IoProblem;
import org.jspecify.annotations.Nullable;

/** Weights that lie in files of their own beside the model. Nothing outside the model's folder is ever opened. */
final class ExternalData {
    private final @Nullable Path folder;
    private final Map<Path, ByteBuffer> whole = new HashMap<>();

    /**
     * Data beside a model.
     *
     * @param folder the folder that holds the model, or null where the model came from no file
     */
    ExternalData(@Nullable Path folder) {
        this.folder = folder;
    }

    /**
     * The bytes that a tensor refers to.
     *
     * @param expected their number, from the tensor's type and shape
     */
    ByteBuffer read(TensorProto tensor, long expected, String where) {
        String location = "";
        long offset = 0;
        long length = expected;
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            switch (entry.getKey()) {
                case "location" -> location = entry.getValue();
                case "offset" -> offset = number(entry, where);
                case "length" -> length = number(entry, where);
                default -> {} // "checksum" and whatever comes later
            }
        }
        if (length != expected) {
            throw new GraphException(where + ": external data must fit type and shape, expected " + expected
                    + " bytes, found length " + length);
        }
        if (length > Integer.MAX_VALUE) {
            throw new GraphException(where + ": has " + length + " bytes, expected less than 2 GB per tensor");
        }
        Path file = resolve(location, where);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (offset > size || length > size - offset) {
                throw new GraphException(where + ": external data must lie inside '" + location + "' (" + size
                        + " bytes), found offset " + offset + " and length " + length);
            }
            if (size > Integer.MAX_VALUE) {
                return FileBytes.load(channel, offset, length);
            }
            ByteBuffer all = whole.get(file);
            if (all == null || all.capacity() != size) {
                all = FileBytes.load(channel, 0, size);
                whole.put(file, all);
            }
            return all.slice((int) offset, (int) length);
        } catch (IOException e) {
            throw new GraphException(
                    where + ": external data '" + location + "' cannot be read: " + IoProblem.of(e), e);
        }
    }

    private static long number(StringStringEntryProto entry, String where) {
        try {
            long value = Long.parseLong(entry.getValue());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the error below
        }
        throw new GraphException(where + ": external data's " + entry.getKey()
                + " must be a number that is not negative, found '" + entry.getValue() + "'");
    }

    private Path resolve(String location, String where) {
        if (folder == null) {
            throw new GraphException(
                    where + ": has external data '" + location + "', expected a model that is read from a file");
        }
        try {
            if (location.isEmpty() || Path.of(location).isAbsolute()) {
                throw outside(location, where);
            }
            Path home = folder.toRealPath();
            Path named = home.resolve(location).normalize();
            if (!named.startsWith(home)) {
                throw outside(location, where);
            }
            Path real = named.toRealPath();
            if (!real.startsWith(home)) {
                throw outside(location, where);
            }
            if (!Files.isRegularFile(real)) {
                throw new GraphException(where + ": external data '" + location + "' is not a regular file");
            }
            return real;
        } catch (InvalidPathException e) {
            throw new GraphException(where + ": external data '" + location + "' is not a file name", e);
        } catch (IOException e) {
            throw new GraphException(
                    where + ": external data '" + location + "' cannot be read: " + IoProblem.of(e), e);
        }
    }

    private static GraphException outside(String location, String where) {
        return new GraphException(where + ": external data must lie in the model's folder, found '" + location + "'");
    }
}
