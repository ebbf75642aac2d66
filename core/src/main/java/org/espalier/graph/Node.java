package org.espalier.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One operation. An absent optional input or output is the empty string, as in ONNX.
 *
 * @param name unique in its graph, never empty
 * @param opType the operator's ONNX name, for example {@code Conv}
 * @param domain the operator set's domain; empty for ONNX's own
 * @param inputs names of the values that it reads; empty where an optional one is absent
 * @param outputs names of the values that it computes; empty where an optional one is absent
 * @param attributes the attributes by name
 */
public record Node(
        String name,
        String opType,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes) {
    /**
     * Copies the lists.
     *
     * @param name unique in its graph, never empty
     * @param opType the operator's ONNX name, for example {@code Conv}
     * @param domain the operator set's domain
     * @param inputs names of the values that it reads
     * @param outputs names of the values that it computes
     * @param attributes the attributes by name
     */
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /**
     * A node of ONNX's own operator set.
     *
     * @param name its name
     * @param opType the ONNX operator
     * @param inputs the inputs
     * @param outputs the outputs
     * @param attributes the attributes by name
     * @return a node of ONNX's own operator set
     */
    public static Node of(
            String name, String opType, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
        return new Node(name, opType, "", inputs, outputs, attributes);
    }

    /**
     * The name of input {@code i}, or the empty string where it is absent.
     *
     * @param i the number, from 0
     * @return the name of input {@code i}, or the empty string where it is absent
     */
    public String input(int i) {
        return i < inputs.size() ? inputs.get(i) : "";
    }

    /**
     * Whether input {@code i} is given.
     *
     * @param i the number, from 0
     * @return whether input {@code i} is given
     */
    public boolean hasInput(int i) {
        return !input(i).isEmpty();
    }

    /**
     * The name of an output; empty where the node has none there.
     *
     * @param i the number, from 0
     * @return the name of an output
     */
    public String output(int i) {
        return i < outputs.size() ? outputs.get(i) : "";
    }

    /** {@return how errors name this node: {@code Conv 'features.3'}} */
    public String label() {
        return opType + " '" + name + "'";
    }

    /**
     * The node with other inputs.
     *
     * @param newInputs the names of the inputs
     * @return the node with other inputs
     */
    public Node withInputs(List<String> newInputs) {
        return new Node(name, opType, domain, newInputs, outputs, attributes);
    }

    /**
     * This node with input {@code i} replaced.
     *
     * @param i the number, from 0
     * @param value the new one
     * @return this node with input {@code i} replaced
     */
    public Node withInput(int i, String value) {
        List<String> changed = new ArrayList<>(inputs);
        while (changed.size() <= i) {
            changed.add("");
        }
        changed.set(i, value);
        return withInputs(changed);
    }

    /**
     * The node with other outputs.
     *
     * @param newOutputs the names of the outputs
     * @return the node with other outputs
     */
    public Node withOutputs(List<String> newOutputs) {
        return new Node(name, opType, domain, inputs, newOutputs, attributes);
    }

    /**
     * This node with an attribute set or replaced.
     *
     * @param key the attribute's name
     * @param value the new one
     * @return this node with an attribute set or replaced
     */
    public Node withAttribute(String key, Attribute value) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.put(key, value);
        return new Node(name, opType, domain, inputs, outputs, changed);
    }

    /**
     * This node without an attribute.
     *
     * @param key the attribute's name
     * @return this node without an attribute
     */
    public Node withoutAttribute(String key) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.remove(key);
        return new Node(name, opType, domain, inputs, outputs, changed);
    }

    /**
     * Whether there is an attribute of a name.
     *
     * @param key the attribute's name
     * @return whether there is an attribute of a name
     */
    public boolean hasAttribute(String key) {
        return attributes.containsKey(key);
    }

    /**
     * An integer attribute, or {@code otherwise} where it is absent.
     *
     * @param key the attribute's name
     * @param otherwise taken where the node has no such attribute
     * @return an integer attribute, or {@code otherwise} where it is absent
     */
    public long getLong(String key, long otherwise) {
        Attribute a = attributes.get(key);
        if (a == null) {
            return otherwise;
        }
        if (a instanceof Attribute.OfLong v) {
            return v.value();
        }
        throw wrongKind(key, "an integer");
    }

    /**
     * A floating-point attribute, or {@code otherwise} where it is absent.
     *
     * @param key the attribute's name
     * @param otherwise taken where the node has no such attribute
     * @return a floating-point attribute, or {@code otherwise} where it is absent
     */
    public float getFloat(String key, float otherwise) {
        Attribute a = attributes.get(key);
        if (a == null) {
            return otherwise;
        }
        if (a instanceof Attribute.OfFloat v) {
            return v.value();
        }
        throw wrongKind(key, "a float");
    }

    /**
     * A string attribute, or {@code otherwise} where it is absent.
     *
     * @param key the attribute's name
     * @param otherwise taken where the node has no such attribute
     * @return a string attribute, or {@code otherwise} where it is absent
     */
    public String getString(String key, String otherwise) {
        Attribute a = attributes.get(key);
        if (a == null) {
            return otherwise;
        }
        if (a instanceof Attribute.OfString v) {
            return v.value();
        }
        throw wrongKind(key, "a string");
    }

    /**
     * A list of integers, or null where it is absent.
     *
     * @param key the attribute's name
     * @return a list of integers, or null where it is absent
     */
    public long @Nullable [] getLongs(String key) {
        Attribute a = attributes.get(key);
        if (a == null) {
            return null;
        }
        if (a instanceof Attribute.OfLongs v) {
            return v.toArray();
        }
        throw wrongKind(key, "a list of integers");
    }

    /**
     * A tensor attribute, or null where it is absent.
     *
     * @param key the attribute's name
     * @return a tensor attribute, or null where it is absent
     */
    public @Nullable TensorData getTensor(String key) {
        Attribute a = attributes.get(key);
        if (a == null) {
            return null;
        }
        if (a instanceof Attribute.OfTensor v) {
            return v.value();
        }
        throw wrongKind(key, "a tensor");
    }

    private GraphException wrongKind(String key, String expected) {
        return new GraphException(label() + ": attribute '" + key + "' has the wrong kind, expected " + expected);
    }
}
