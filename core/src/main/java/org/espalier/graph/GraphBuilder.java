package org.espalier.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Writes a network down layer by layer; each method returns the name of the value that it makes.
 *
 * <p>Weights are initialised as He et al. (2015, "Delving Deep into Rectifiers") have it, uniformly in ±√(6 / fan-in); biases are zero.
 * Weights of dense layers are stored [outputs, inputs] and used with {@code transB}, as exporters write them.
 */
public final class GraphBuilder {
    /** ONNX operator set that built networks use: read by ONNX Runtime since 1.12 (2022). */
    public static final long OPSET = 17;

    private final String name;
    private final SplittableRandom random;
    private final List<Value> inputs = new ArrayList<>();
    private final List<Value> outputs = new ArrayList<>();
    private final List<Node> nodes = new ArrayList<>();
    private final Map<String, TensorData> initializers = new LinkedHashMap<>();

    /**
     * Starts an empty network whose weights are drawn from {@code seed}.
     *
     * @param name its name
     * @param seed of the random numbers
     */
    public GraphBuilder(String name, long seed) {
        this.name = name;
        this.random = new SplittableRandom(seed);
    }

    /**
     * A float32 input [N, exampleShape…].
     *
     * @param valueName the value's name
     * @param exampleShape the sizes of the axes behind the batch
     * @return the output's name
     */
    public String input(String valueName, long... exampleShape) {
        inputs.add(Value.batched(valueName, ElementType.FLOAT, exampleShape));
        return valueName;
    }

    /**
     * An input of any type [N, exampleShape…].
     *
     * @param valueName the value's name
     * @param type the element type
     * @param exampleShape the sizes of the axes behind the batch
     * @return the output's name
     */
    public String input(String valueName, ElementType type, long... exampleShape) {
        inputs.add(Value.batched(valueName, type, exampleShape));
        return valueName;
    }

    /**
     * Declares the float32 output [N, exampleShape…] {@code valueName}: the value that a node computed under {@code
     * from}, renamed.
     *
     * @param valueName the value's name
     * @param from the value's name so far
     * @param exampleShape the sizes of the axes behind the batch
     * @return the value's name
     * @throws IllegalArgumentException if no node computes {@code from}
     */
    public String output(String valueName, String from, long... exampleShape) {
        if (nodes.stream().noneMatch(n -> n.outputs().contains(from))) {
            throw new IllegalArgumentException("output '" + valueName + "': no node computes '" + from + "'");
        }
        nodes.replaceAll(n ->
                n.withInputs(renamed(n.inputs(), from, valueName)).withOutputs(renamed(n.outputs(), from, valueName)));
        return declareOutput(valueName, exampleShape);
    }

    private static List<String> renamed(List<String> names, String from, String to) {
        return names.stream().map(n -> n.equals(from) ? to : n).toList();
    }

    /**
     * Makes a value that exists an output of the network.
     *
     * @param valueName the value's name
     * @param exampleShape the sizes of the axes behind the batch
     * @return the value's name
     */
    public String declareOutput(String valueName, long... exampleShape) {
        outputs.add(Value.batched(valueName, ElementType.FLOAT, exampleShape));
        return valueName;
    }

    /**
     * Adds a constant.
     *
     * @param valueName the value's name
     * @param value its values
     * @return the value's name
     */
    public String constant(String valueName, TensorData value) {
        initializers.put(valueName, value);
        return valueName;
    }

    /**
     * Adds any node with one output, named like the node.
     *
     * @param nodeName the node's name
     * @param opType the ONNX operator
     * @param in the names of the values that it reads
     * @param attributes the attributes by name
     * @return the value's name
     */
    public String node(String nodeName, String opType, List<String> in, Map<String, Attribute> attributes) {
        return node(nodeName, opType, in, List.of(nodeName), attributes);
    }

    /**
     * Adds any node; returns its first output.
     *
     * @param nodeName the node's name
     * @param opType the ONNX operator
     * @param in how many inputs
     * @param out how many outputs
     * @param attributes the attributes by name
     * @return the value's name
     */
    public String node(
            String nodeName, String opType, List<String> in, List<String> out, Map<String, Attribute> attributes) {
        nodes.add(Node.of(nodeName, opType, in, out, attributes));
        return out.get(0);
    }

    /**
     * Dense layer [N, in] → [N, out] with bias.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @param in how many inputs
     * @param out how many outputs
     * @return the output's name
     */
    public String gemm(String nodeName, String x, int in, int out) {
        String w = constant(nodeName + ".weight", uniform(in, out, in));
        String b = constant(nodeName + ".bias", TensorData.full(0, out));
        return node(nodeName, "Gemm", List.of(x, w, b), Map.of("transB", Attribute.of(1)));
    }

    /**
     * 2-D convolution [N, in, H, W] → [N, out, H′, W′], square kernel; {@code group} = {@code in} makes it depthwise.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @param in how many inputs
     * @param out how many outputs
     * @param kernel the window's side
     * @param stride positions from one window to the next
     * @param pad positions of padding on each side
     * @param group how many groups of channels
     * @param bias whether there is a bias
     * @return the output's name
     */
    public String conv(
            String nodeName, String x, int in, int out, int kernel, int stride, int pad, int group, boolean bias) {
        String w =
                constant(nodeName + ".weight", uniform(in / group * kernel * kernel, out, in / group, kernel, kernel));
        List<String> in0 = new ArrayList<>(List.of(x, w));
        if (bias) {
            in0.add(constant(nodeName + ".bias", TensorData.full(0, out)));
        }
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        attributes.put("kernel_shape", Attribute.of(new long[] {kernel, kernel}));
        attributes.put("strides", Attribute.of(new long[] {stride, stride}));
        attributes.put("pads", Attribute.of(new long[] {pad, pad, pad, pad}));
        attributes.put("group", Attribute.of(group));
        return node(nodeName, "Conv", in0, attributes);
    }

    /**
     * Batch normalisation over axis 1 with {@code channels} channels, as the identity.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @param channels the size of axis 1
     * @return the output's name
     */
    public String batchNorm(String nodeName, String x, int channels) {
        String scale = constant(nodeName + ".weight", TensorData.full(1, channels));
        String shift = constant(nodeName + ".bias", TensorData.full(0, channels));
        String mean = constant(nodeName + ".running_mean", TensorData.full(0, channels));
        String variance = constant(nodeName + ".running_var", TensorData.full(1, channels));
        return node(nodeName, "BatchNormalization", List.of(x, scale, shift, mean, variance), Map.of());
    }

    /**
     * The positive part of a value.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @return the output's name
     */
    public String relu(String nodeName, String x) {
        return node(nodeName, "Relu", List.of(x), Map.of());
    }

    /**
     * Max-pooling with a square window and a stride of the window's size.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @param window the window's side
     * @return the output's name
     */
    public String maxPool(String nodeName, String x, int window) {
        return node(
                nodeName,
                "MaxPool",
                List.of(x),
                Map.of(
                        "kernel_shape", Attribute.of(new long[] {window, window}),
                        "strides", Attribute.of(new long[] {window, window})));
    }

    /**
     * Mean over all positions: [N, C, H, W] → [N, C, 1, 1].
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @return the output's name
     */
    public String globalAveragePool(String nodeName, String x) {
        return node(nodeName, "GlobalAveragePool", List.of(x), Map.of());
    }

    /**
     * Sum of two values of the same shape.
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @param y the other input's name
     * @return the output's name
     */
    public String add(String nodeName, String x, String y) {
        return node(nodeName, "Add", List.of(x, y), Map.of());
    }

    /**
     * [N, …] → [N, product].
     *
     * @param nodeName the node's name
     * @param x the input's name
     * @return the output's name
     */
    public String flatten(String nodeName, String x) {
        return node(nodeName, "Flatten", List.of(x), Map.of("axis", Attribute.of(1)));
    }

    /**
     * A constant drawn uniformly from ±√(6 / fan-in).
     *
     * @param fanIn how many inputs go into one sum
     * @param shape the sizes of its axes
     * @return a constant drawn uniformly from ±√(6 / fan-in)
     */
    public TensorData uniform(int fanIn, long... shape) {
        double bound = Math.sqrt(6.0 / fanIn);
        float[] values = new float[Math.toIntExact(TensorData.elements(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return TensorData.ofFloats(values, shape);
    }

    /** {@return the finished network} */
    public Graph build() {
        return new Graph(name, Map.of("", OPSET), inputs, outputs, nodes, initializers);
    }
}
