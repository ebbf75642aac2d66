package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the sources say of a record's components: their {@code @param} texts, as Markdown. */
final class RecordDocs {
    private static final Pattern PARAM = Pattern.compile("(?s)@param (\\w+) (.*?)(?=\\n \\* @|\\n \\*/)");

    private RecordDocs() {}

    /** By the component's name; those of a record within the record by its name, a dot and theirs. */
    static Map<String, String> of(Class<?> record) {
        Map<String, String> all = new LinkedHashMap<>();
        collect(record, "", all);
        return all;
    }

    private static void collect(Class<?> record, String prefix, Map<String, String> all) {
        Map<String, String> said = params(record);
        for (RecordComponent c : record.getRecordComponents()) {
            String name = prefix + c.getName();
            String text = said.get(c.getName());
            if (c.getType().isRecord()) {
                collect(c.getType(), name + ".", all);
            } else if (text == null) {
                throw new AssertionError(record + ": must have a @param " + c.getName());
            } else {
                all.put(name, text);
            }
        }
    }

    private static Map<String, String> params(Class<?> record) {
        String path = "src/main/java/" + record.getName().replace('.', '/') + ".java";
        try (Stream<Path> modules = Files.list(Documents.root())) {
            Path source = modules.map(m -> m.resolve(path))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no source of " + record));
            Map<String, String> params = new LinkedHashMap<>();
            Matcher param = PARAM.matcher(Documents.read(source));
            while (param.find()) {
                params.putIfAbsent(param.group(1), plain(param.group(2)));
            }
            return params;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Javadoc as Markdown. */
    private static String plain(String javadoc) {
        return javadoc.replaceAll("\\n \\*\\s*", " ")
                .replaceAll("\\{@(?:code|link)\\s+([^}]*)}", "`$1`")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
