package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.io.IoProblem;
import org.jspecify.annotations.Nullable;

/**
 * ONNX files to graphs: IR version 3 and up, operator set 6 and up.
 *
 * <p>Weights are not copied: tensors are views of the bytes that were read, or of the file where it is large and therefore mapped. Such a
 * file must not be changed in place while the graph is in use; replacing it, as {@link OnnxWriter} does, is safe.
 */
public final class OnnxReader {
    private static final long OLDEST_IR = 3;
    private static final long OLDEST_OPSET = 6;

    private OnnxReader() {}

    /**
     * Reads a file, and the files of external data in its folder that it refers to.
     *
     * @param file the file
     * @return the network
     * @throws OnnxException if the file cannot be read or is not an ONNX model that is supported
     */
    public static Graph read(Path file) {
        String name = file.toString();
        if (Files.isDirectory(file)) {
            throw new OnnxException(name, "is a folder, expected an ONNX file");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new OnnxException(name, "is not a regular file");
        }
        ByteBuffer bytes;
        Path folder;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new OnnxException(
                        name,
                        "has " + channel.size() + " bytes, expected at most 2 GB (larger models keep their weights as"
                                + " external data)");
            }
            bytes = FileBytes.load(channel, 0, channel.size());
            folder = file.toRealPath().getParent();
        } catch (IOException e) {
            throw new OnnxException(name, "cannot be read: " + IoProblem.of(e), e);
        }
        return read(bytes, name, folder);
    }

    /**
     * Reads a stream to its end; external data are refused.
     *
     * @param in the bytes
     * @param name how errors call the stream
     * @return the network
     * @throws OnnxException if the stream cannot be read or does not hold an ONNX model that is supported
     */
    public static Graph read(InputStream in, String name) {
        try {
            return read(ByteBuffer.wrap(in.readAllBytes()), name, null);
        } catch (IOException e) {
            throw new OnnxException(name, "cannot be read: " + IoProblem.of(e), e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(name, e);
        }
    }

    /**
     * Reads an array, which must not change afterwards; external data are refused.
     *
     * @param bytes the bytes of the file
     * @param name how errors call the array
     * @return the network
     * @throws OnnxException if the array does not hold an ONNX model that is supported
     */
    public static Graph read(byte[] bytes, String name) {
        return read(ByteBuffer.wrap(bytes), name, null);
    }

    private static Graph read(ByteBuffer bytes, String name, @Nullable Path folder) {
        if (!bytes.hasRemaining()) {
            throw new OnnxException(name, "is empty, expected an ONNX model");
        }
        try {
            return decode(parse(bytes), new ExternalData(folder));
        } catch (IOException e) {
            throw new OnnxException(name, "is not an ONNX model, or is cut short or damaged: " + e.getMessage(), e);
        } catch (GraphException e) {
            throw new OnnxException(name, String.valueOf(e.getMessage()), e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(name, e);
        }
    }

    private static OnnxException outOfMemory(String name, OutOfMemoryError e) {
        return new OnnxException(name, "needs more memory than the JVM may use, expected a larger -Xmx", e);
    }

    /** Parses without copying: byte fields become slices of {@code bytes}. */
    private static ModelProto parse(ByteBuffer bytes) throws IOException {
        CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
        in.enableAliasing(true);
        in.setSizeLimit(Integer.MAX_VALUE);
        ModelProto model = ModelProto.parseFrom(in);
        in.checkLastTagWas(0);
        return model;
    }

    private static Graph decode(ModelProto model, ExternalData external) {
        if (!model.hasGraph()) {
            throw new GraphException("holds no graph, expected an ONNX model");
        }
        if (model.getIrVersion() < OLDEST_IR) {
            throw new GraphException(
                    "IR version " + model.getIrVersion() + " is not supported, expected " + OLDEST_IR + " or newer");
        }
        if (model.getTrainingInfoCount() > 0) {
            throw new GraphException("holds training information, expected a model for inference");
        }
        refuseFunctions(model);
        Map<String, String> metadata = new LinkedHashMap<>();
        for (StringStringEntryProto p : model.getMetadataPropsList()) {
            metadata.put(p.getKey(), p.getValue());
        }
        return new GraphDecoder(external).decode(model.getGraph(), opsets(model), metadata);
    }

    /** Functions that no node calls do no harm: exporters leave some behind after inlining. */
    private static void refuseFunctions(ModelProto model) {
        Set<String> functions = new HashSet<>();
        for (FunctionProto f : model.getFunctionsList()) {
            functions.add(domain(f.getDomain()) + ":" + f.getName());
        }
        if (functions.isEmpty()) {
            return;
        }
        Subgraphs.forEachNode(model.getGraph().getNodeList(), n -> {
            if (functions.contains(domain(n.getDomain()) + ":" + n.getOpType())) {
                throw new GraphException(n.getOpType() + " '" + n.getName()
                        + "': calls a function of the model, which is not supported, expected a model with its"
                        + " functions inlined");
            }
        });
    }

    private static Map<String, Long> opsets(ModelProto model) {
        Map<String, Long> opsets = new LinkedHashMap<>();
        for (OperatorSetIdProto o : model.getOpsetImportList()) {
            Long before = opsets.put(domain(o.getDomain()), o.getVersion());
            if (before != null && before != o.getVersion()) {
                throw new GraphException("operator set '" + o.getDomain() + "': is imported twice, as " + before
                        + " and as " + o.getVersion());
            }
        }
        Long version = opsets.get("");
        if (version == null) {
            throw new GraphException("imports no ONNX operator set, expected version " + OLDEST_OPSET + " or newer");
        }
        if (version < OLDEST_OPSET) {
            throw new GraphException(
                    "operator set " + version + " is not supported, expected " + OLDEST_OPSET + " or newer");
        }
        return opsets;
    }

    /** A domain's one spelling: {@code ai.onnx} is another name of the empty one. */
    static String domain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }
}
