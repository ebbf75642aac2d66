package org.espalier.cli;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.espalier.ops.OperatorTable;
import org.espalier.torch.ops.KernelTable;

/** The lists of operators in {@code docs/reference/onnx.md}: what is followed, and what is trained. */
final class OperatorsPage {
    static final String FILE = "docs/reference/onnx.md";
    private static final String BEGIN = "<!-- generated: operators -->\n";
    private static final String END = "<!-- end -->\n";

    private OperatorsPage() {}

    /** The page with lists that are those of the code; all else as it stands there. */
    static String text() {
        String page = Documents.read(FILE);
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new AssertionError(FILE + ": must hold the lines " + BEGIN.strip() + " and " + END.strip());
        }
        return page.substring(0, begin + BEGIN.length()) + "\n" + lists() + page.substring(end);
    }

    private static String lists() {
        Set<String> followed = new TreeSet<>(OperatorTable.names());
        Set<String> trained = new TreeSet<>(KernelTable.names());
        Set<String> both = new TreeSet<>(followed);
        both.retainAll(trained);
        followed.removeAll(both);
        trained.removeAll(both);
        return list("Followed and trained", both)
                + list("Followed, but not trained", followed)
                + list("Trained, but not followed", trained);
    }

    private static String list(String title, Collection<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        List<String> words = names.stream().sorted().map(n -> "`" + n + "`").collect(Collectors.toList());
        return "### " + title + " (" + names.size() + ")\n\n" + Paragraph.wrapped(String.join(", ", words)) + "\n\n";
    }
}
