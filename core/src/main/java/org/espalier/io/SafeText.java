package org.espalier.io;

import java.util.Locale;

/**
 * Text that a terminal, a log or a page can show: names in files may hold anything, and a terminal obeys what it is sent.
 *
 * <p>Characters that are not shown but obeyed become visible, as {@code \x1b} or {@code \u202e}: control characters (Unicode's Cc, both
 * halves), those that change the direction of text or have no width (Cf), ends of lines other than a newline (Zl, Zp), characters for private
 * use and halves of pairs.
 */
public final class SafeText {
    private static final String MORE = "…";

    private SafeText() {}

    /**
     * One line: newlines and tabs become visible, too.
     *
     * @param text the text
     * @return one line
     */
    public static String line(String text) {
        return safe(text, false);
    }

    /**
     * One line of at most {@code longest} characters, the last of which says that there were more.
     *
     * @param text the text
     * @param longest characters that are shown
     * @return one line of at most {@code longest} characters, the last of which says that there were more
     */
    public static String line(String text, int longest) {
        if (text.length() <= longest) {
            return line(text);
        }
        String safe = line(text.substring(0, longest));
        int end = Math.min(safe.length(), longest) - 1;
        return safe.substring(0, Character.isHighSurrogate(safe.charAt(end - 1)) ? end - 1 : end) + MORE;
    }

    /**
     * Lines that the program laid out itself: newlines and tabs stay.
     *
     * @param text the text
     * @return the lines
     */
    public static String lines(String text) {
        return safe(text, true);
    }

    private static String safe(String text, boolean laidOut) {
        int i = 0;
        while (i < text.length() && text.charAt(i) >= ' ' && text.charAt(i) < 0x7f) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, i);
        for (int c; i < text.length(); i += Character.charCount(c)) {
            c = text.codePointAt(i);
            boolean layout = c == '\n' || c == '\t' || (c == '\r' && text.startsWith("\r\n", i));
            if (isShown(c) || (laidOut && layout)) {
                out.appendCodePoint(c);
            } else {
                out.append(visible(c));
            }
        }
        return out.toString();
    }

    private static boolean isShown(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static String visible(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
        };
    }
}
