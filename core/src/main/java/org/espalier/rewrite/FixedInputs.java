package org.espalier.rewrite;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.espalier.graph.Dimension;
import org.espalier.graph.ElementType;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphException;
import org.espalier.graph.TensorData;
import org.espalier.graph.Value;

/** Inputs of one number, such as a sample rate or a switch, that become constants: the network that is left does not have them. */
public final class FixedInputs {
    private static final Map<ElementType, Integer> SIGNED =
            Map.of(ElementType.INT8, 8, ElementType.INT16, 16, ElementType.INT32, 32, ElementType.INT64, 64);
    private static final Map<ElementType, Integer> UNSIGNED =
            Map.of(ElementType.UINT8, 8, ElementType.UINT16, 16, ElementType.UINT32, 32, ElementType.UINT64, 64);

    private FixedInputs() {}

    /**
     * Gives inputs a value for good.
     *
     * @param graph the network
     * @param values what each input holds from now on, by the input's name: a number, or true or false
     * @return the network without these inputs
     * @throws GraphException if there is no such input, it holds more than one number, the value is none of its type, or no input is left
     */
    public static Graph fix(Graph graph, Map<String, String> values) {
        if (values.isEmpty()) {
            return graph;
        }
        Map<String, Value> inputs = new LinkedHashMap<>();
        graph.inputs().forEach(v -> inputs.put(v.name(), v));
        Map<String, TensorData> constants = new LinkedHashMap<>(graph.initializers());
        values.forEach((name, text) -> {
            Value input = inputs.get(name);
            if (input == null) {
                throw new GraphException("input '" + name
                        + "' cannot be fixed: there is none of that name, expected one" + " of " + inputs.keySet());
            }
            constants.put(name, number(input, text.strip()));
        });
        List<Value> left = graph.inputs().stream()
                .filter(v -> !values.containsKey(v.name()))
                .toList();
        if (left.isEmpty()) {
            throw new GraphException(
                    "inputs " + values.keySet() + " cannot be fixed: no other input is left for the data");
        }
        return new Graph(
                graph.name(), graph.opsets(), left, graph.outputs(), graph.nodes(), constants, graph.metadata());
    }

    private static TensorData number(Value input, String text) {
        List<Dimension> shape = input.shape();
        if (shape == null || shape.stream().anyMatch(d -> d.size() != 1)) {
            throw new GraphException("input '" + input.name()
                    + "' cannot be fixed: must hold one number, expected shape [] or [1], found " + input);
        }
        long[] sizes = shape.stream().mapToLong(Dimension::size).toArray();
        ElementType type = input.type();
        if (type.isFloating()) {
            return floating(input, text).reshape(sizes);
        }
        return TensorData.ofLongs(new long[] {integer(input, text)}).as(type).reshape(sizes);
    }

    private static TensorData floating(Value input, String text) {
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw wrong(input, text, "a number");
        }
        TensorData t = TensorData.ofDoubles(new double[] {value}).as(input.type());
        if (!Double.isFinite(t.getDouble(0))) {
            throw wrong(input, text, "a finite number");
        }
        return t;
    }

    private static long integer(Value input, String text) {
        if (input.type() == ElementType.BOOL) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true", "1" -> 1;
                case "false", "0" -> 0;
                default -> throw wrong(input, text, "true or false");
            };
        }
        Integer signed = SIGNED.get(input.type());
        Integer unsigned = UNSIGNED.get(input.type());
        BigInteger low = signed == null
                ? BigInteger.ZERO
                : BigInteger.TWO.pow(signed - 1).negate();
        BigInteger end = BigInteger.TWO.pow(signed != null ? signed - 1 : unsigned == null ? 0 : unsigned);
        try {
            BigInteger value = new BigDecimal(text).toBigIntegerExact();
            if (value.compareTo(low) >= 0 && value.compareTo(end) < 0) {
                return value.longValue();
            }
        } catch (NumberFormatException | ArithmeticException e) {
            // Said below.
        }
        throw wrong(input, text, "an integer from " + low + " to " + end.subtract(BigInteger.ONE));
    }

    private static GraphException wrong(Value input, String text, String expected) {
        return new GraphException("input '" + input.name() + "' cannot be fixed: its value must be of type "
                + input.type() + ", expected " + expected + ", found '" + text + "'");
    }
}
