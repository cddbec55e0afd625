"""What a reader does with hand and eye, in words: scroll, window, draw a box, answer, look at a pixel."""

from __future__ import annotations

import json
from dataclasses import dataclass

from playwright.sync_api import Page, expect

STRIP_SIDE_PX, STRIP_FLOOR_PX = 16, 9  # strip.js: room for the letters at both sides, and for the marks under the bars


@dataclass(frozen=True)
class Desk:
    """The desk on one page. ``state`` is what the viewer says of itself after each paint."""

    page: Page

    @property
    def viewer(self):  # Playwright's Locator
        return self.page.locator("#ct-viewer")

    @property
    def canvas(self):
        return self.page.locator("#ct-viewer canvas[data-role=picture], #ct-viewer canvas").first

    def open(self, url: str) -> Desk:
        self.page.goto(url)
        self.page.wait_for_selector("#ct-viewer[data-state=ready][data-slice]", timeout=60_000)
        return self

    def state(self, name: str) -> str:
        return self.viewer.get_attribute(f"data-{name}") or ""

    def box(self) -> list[int]:
        return json.loads(self.state("box") or "null")

    def wait_for_box(self) -> list[int]:
        self.page.wait_for_function("() => (document.querySelector('#ct-viewer').dataset.box || 'null') !== 'null'")
        return self.box()

    def wait_for_prediction(self) -> float:
        self.page.wait_for_selector("#ct-viewer[data-patient-probability]:not([data-patient-probability=''])", timeout=60_000)
        return float(self.state("patient-probability"))

    def rectangle(self) -> dict[str, float]:
        self.canvas.scroll_into_view_if_needed()
        return self.canvas.bounding_box()

    def scroll_to(self, index: int) -> None:
        """One wheel notch after the other, each seen before the next."""
        place = self.rectangle()
        self.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        while (now := int(self.state("slice"))) != index:
            step = 1 if index > now else -1
            self.page.mouse.wheel(0, 100 * step)
            expect(self.viewer).to_have_attribute("data-slice", str(now + step))

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: str = "left") -> None:
        """Drag between two places given as fractions of the canvas."""
        place = self.rectangle()
        self.page.mouse.move(place["x"] + start[0] * place["width"], place["y"] + start[1] * place["height"])
        self.page.mouse.down(button=button)
        self.page.mouse.move(place["x"] + end[0] * place["width"], place["y"] + end[1] * place["height"], steps=8)
        self.page.mouse.up(button=button)

    def pixel(self, x: float, y: float) -> list[int]:
        """Red, green, blue at a fraction of the canvas, as it was painted."""
        return self.pixels([(x, y)])[0]

    def pixels(self, places: list[tuple[float, float]]) -> list[list[int]]:
        """Red, green, blue at several places."""
        return self.page.evaluate(
            """places => {
                const canvas = document.querySelector('#ct-viewer canvas');
                const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                return places.map(([x, y]) => {
                    const at = 4 * (Math.floor(y * canvas.height) * width + Math.floor(x * canvas.width));
                    return [data[at], data[at + 1], data[at + 2]];
                });
            }""",
            [list(place) for place in places],
        )

    def picture(self) -> list[int]:
        """A coarse fingerprint of the picture: 32 × 32 grays of its middle, where no letters stand."""
        return self.page.evaluate(
            """() => {
                const canvas = document.querySelector('#ct-viewer canvas');
                const small = Object.assign(document.createElement('canvas'), { width: 32, height: 32 });
                const context = small.getContext('2d');
                const middle = [0.2, 0.2, 0.6, 0.6].map((part, i) => part * (i % 2 ? canvas.height : canvas.width));
                context.drawImage(canvas, ...middle, 0, 0, 32, 32);
                return Array.from(context.getImageData(0, 0, 32, 32).data).filter((_, i) => i % 4 === 0);
            }"""
        )

    def strip_bars(self) -> list[int]:
        """The slices (from 0) that have a bar on the strip, filled or hollow: coloured pixels at the bar's foot."""
        return self.page.evaluate(
            """([slices, side, floor]) => {
                const strip = document.querySelector('#ct-viewer canvas.ctv-strip');
                const ratio = strip.width / strip.clientWidth;
                const y = Math.floor((strip.clientHeight - floor - 0.5) * ratio);
                const { data } = strip.getContext('2d').getImageData(0, y, strip.width, 1);
                const isColoured = (x) => {
                    const pixel = data.slice(4 * Math.floor(x * ratio)).slice(0, 3);
                    return Math.max(...pixel) - Math.min(...pixel) > 80;
                };
                const middle = (slice) => side + ((slice + 0.5) * (strip.clientWidth - 2 * side)) / slices;
                return Array.from({ length: slices }, (_, slice) => slice).filter((slice) => isColoured(middle(slice)));
            }""",
            [int(self.state("slices")), STRIP_SIDE_PX, STRIP_FLOOR_PX],
        )

    def sign_in(self, name: str = "Reader One", years: str = "5") -> None:
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("name", exact=False).first.fill(name)
        dialog.get_by_label("years", exact=False).first.fill(years)
        dialog.get_by_role("button").filter(has_text="Start").or_(dialog.locator("button[type=submit]")).first.click()
        expect(dialog).to_be_hidden()

    def answer(self, sign: str, value: str) -> None:
        self.page.locator(f"#sign-{sign} input[value={value}]").check()

    def wait_saved(self) -> str:
        state = self.page.locator("#save-state")
        expect(state).to_contain_text("Saved", timeout=20_000)
        return state.inner_text()
