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
 */
public record Node(
        String name,
        String opType,
        String domain,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes) {
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /** A node of ONNX's own operator set. */
    public static Node of(
            String name, String opType, List<String> inputs, List<String> outputs, Map<String, Attribute> attributes) {
        return new Node(name, opType, "", inputs, outputs, attributes);
    }

    /** The name of input {@code i}, or the empty string where it is absent. */
    public String input(int i) {
        return i < inputs.size() ? inputs.get(i) : "";
    }

    /** Whether input {@code i} is given. */
    public boolean hasInput(int i) {
        return !input(i).isEmpty();
    }

    public String output(int i) {
        return i < outputs.size() ? outputs.get(i) : "";
    }

    /** How errors name this node: {@code Conv 'features.3'}. */
    public String label() {
        return opType + " '" + name + "'";
    }

    public Node withInputs(List<String> newInputs) {
        return new Node(name, opType, domain, newInputs, outputs, attributes);
    }

    /** This node with input {@code i} replaced. */
    public Node withInput(int i, String value) {
        List<String> changed = new ArrayList<>(inputs);
        while (changed.size() <= i) {
            changed.add("");
        }
        changed.set(i, value);
        return withInputs(changed);
    }

    public Node withOutputs(List<String> newOutputs) {
        return new Node(name, opType, domain, inputs, newOutputs, attributes);
    }

    /** This node with an attribute set or replaced. */
    public Node withAttribute(String key, Attribute value) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.put(key, value);
        return new Node(name, opType, domain, inputs, outputs, changed);
    }

    /** This node without an attribute. */
    public Node withoutAttribute(String key) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.remove(key);
        return new Node(name, opType, domain, inputs, outputs, changed);
    }

    public boolean hasAttribute(String key) {
        return attributes.containsKey(key);
    }

    /** An integer attribute, or {@code otherwise} where it is absent. */
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

    /** A floating-point attribute, or {@code otherwise} where it is absent. */
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

    /** A string attribute, or {@code otherwise} where it is absent. */
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

    /** A list of integers, or null where it is absent. */
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

    /** A tensor attribute, or null where it is absent. */
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
