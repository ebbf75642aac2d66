package org.espalier.recipe;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a {@link Recipe} by their key paths, such as {@code pruning.epochs}, read off the records that hold
 * them.
 */
public final class RecipeSettings {
    private RecipeSettings() {}

    /**
     * A setting.
     *
     * @param path its keys, joined by full stops
     * @param expected the values that it takes, in words
     * @param meaning what it does, with units
     * @param value what it is in {@link Recipe#DEFAULT}; null for nothing
     */
    public record Row(
            String path,
            String expected,
            String meaning,
            @Nullable Object value) {}

    /**
     * Every setting, in the order of the records.
     *
     * @return one row each
     */
    public static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        walk("", Recipe.DEFAULT, (path, c) -> {
            RecipeSetting s = c.component().getAnnotation(RecipeSetting.class);
            rows.add(new Row(path, expected(c.component().getType(), s), s == null ? "" : s.value(), c.value()));
        });
        return rows;
    }

    /** A component and its value. */
    private record Entry(
            RecordComponent component, @Nullable Object value) {}

    /** Calls for each setting in a record and in the records in it, but not for those themselves. */
    private static void walk(String prefix, Record of, BiConsumer<String, Entry> visitor) {
        for (RecordComponent c : of.getClass().getRecordComponents()) {
            Object value = get(c, of);
            if (value instanceof Record part) {
                walk(prefix + c.getName() + ".", part, visitor);
            } else {
                visitor.accept(prefix + c.getName(), new Entry(c, value));
            }
        }
    }

    private static @Nullable Object get(RecordComponent c, Record of) {
        try {
            return c.getAccessor().invoke(of);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(c + ": cannot be read", e);
        }
    }

    /** The same record with another value of one component. */
    static <R extends Record> R with(R of, String name, @Nullable Object value) {
        RecordComponent[] components = of.getClass().getRecordComponents();
        @Nullable Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = components[i].getName().equals(name) ? value : get(components[i], of);
        }
        try {
            @SuppressWarnings("unchecked") // the class of a value of R
            Class<R> type = (Class<R>) of.getClass();
            Constructor<R> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            return constructor.newInstance(values);
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(of.getClass() + ": cannot be made with another " + name, e);
        }
    }

    /**
     * Checks that a part of a recipe is whole, and every number in it against its setting's range. Whoever reads a file may leave a part
     * out.
     *
     * @throws IllegalArgumentException naming the first that is out of range by its path
     */
    static void check(String name, @Nullable Record part) {
        if (part == null) {
            throw new IllegalArgumentException("recipe '" + name + "': must be given");
        }
        walk(name + ".", part, (path, c) -> {
            RecipeSetting s = c.component().getAnnotation(RecipeSetting.class);
            if (c.value() == null) {
                if (!c.component().getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    throw new IllegalArgumentException("recipe '" + path + "': must be given");
                }
            } else if (s != null && c.value() instanceof Number n) {
                check(path, s, n);
            } else if (s != null && c.value() instanceof Map<?, ?> map) {
                map.forEach((group, n) -> check(path + "." + group, s, (Number) n));
            }
        });
    }

    private static void check(String path, RecipeSetting s, Number n) {
        double v = n.doubleValue();
        boolean high = s.above() ? v > s.min() : v >= s.min();
        boolean low = s.below() ? v < s.max() : v <= s.max();
        if (!(high && low) && !(n instanceof Long)) {
            throw wrong(path, range(s), n);
        }
    }

    static IllegalArgumentException wrong(String path, String expected, Object found) {
        return new IllegalArgumentException(
                "recipe '" + path + "': out of range, expected " + expected + ", found " + found);
    }

    private static String expected(Class<?> type, @Nullable RecipeSetting s) {
        if (type == boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(c -> c.toString().toLowerCase(Locale.ROOT))
                            .toList();
        }
        if (s == null || type == String.class) {
            return "a text";
        }
        String numbers = type == long.class ? "a whole number" : range(s);
        return (type == int.class ? "a whole number, " : type == Map.class ? "by group, each " : "") + numbers;
    }

    private static String range(RecipeSetting s) {
        if (s.max() == Double.MAX_VALUE) {
            return s.above() ? "a number above " + plain(s.min()) : plain(s.min()) + " or more";
        }
        return "a number in " + (s.above() ? "(" : "[") + plain(s.min()) + ", " + plain(s.max())
                + (s.below() ? ")" : "]");
    }

    private static String plain(double v) {
        return v == Math.rint(v) ? Long.toString((long) v) : Double.toString(v);
    }
}
