"""Every layout of ratings and films becomes the same Dataset; errors have file, line and fix."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from function.bundle.format import RatingScale
from training.data.dataset import Dataset
from training.data.errors import DataError
from training.data.known import KNOWN
from training.data.load import load
from training.data.movielens import read_movielens
from training.data.own import ColumnMap, load_files

RATINGS = "userId,movieId,rating,timestamp\n2,10,4.0,964982703\n10,30,2.5,964982704\n2,30,0.5,964982705\n"
FILMS = (
    'movieId,title,genres\n10,"Matrix, The (1999)",Action|Sci-Fi\n30,Amélie (2001),(no genres listed)\n'
    "40,Cold (1950),War\n"
)


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    path = tmp_path / "my-ratings.csv"
    path.write_text(RATINGS)
    return path


@pytest.fixture
def films(tmp_path: Path) -> Path:
    path = tmp_path / "my-films.csv"
    path.write_text(FILMS)
    return path


def check(dataset: Dataset) -> None:
    """The content of all layouts below."""
    rows = dataset.interactions
    assert dataset.user_ids == ("2", "10")  # as numbers: 2 before 10
    assert dataset.catalog.ids == ("10", "30", "40")
    assert dataset.catalog.titles == ("The Matrix", "Amélie", "Cold")
    assert dataset.catalog.years.tolist() == [1999, 2001, 1950]
    assert dataset.catalog.genres == (("Action", "Sci-Fi"), (), ("War",))
    assert rows.users.tolist() == [0, 1, 0]
    assert rows.films.tolist() == [0, 1, 1]
    assert rows.timestamps is not None
    assert rows.timestamps.tolist() == [964982703, 964982704, 964982705]


def test_own_csv(ratings: Path, films: Path) -> None:
    dataset = load_files(ratings, films)
    check(dataset)
    assert dataset.name == "my-ratings"
    assert dataset.interactions.ratings.tolist() == [4.0, 2.5, 0.5]
    assert dataset.scale == RatingScale(min=0.5, max=4, step=0.5)


def test_own_parquet_is_the_same_data(ratings: Path, films: Path, tmp_path: Path) -> None:
    for path in (ratings, films):
        pd.read_csv(path).to_parquet(path.with_suffix(".parquet"))
    parquet = load_files(ratings.with_suffix(".parquet"), films.with_suffix(".parquet"))
    check(parquet)
    assert parquet.sha256 == load_files(ratings, films).sha256


def test_a_compressed_file_is_read(ratings: Path, films: Path) -> None:
    pd.read_csv(ratings).to_csv(ratings.with_suffix(".csv.gz"), index=False)
    check(load_files(ratings.with_suffix(".csv.gz"), films))


def test_column_names_are_mappable(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("wer,was,wie,wann\n2,10,8,2000-07-30T18:45:03Z\n10,30,5,964982704\n")
    (tmp_path / "f.csv").write_text("nr,name_de,jahr,art,tmdb\n10,Matrix,1999,A|B,603\n30,Amelie,,,\n")
    columns = ColumnMap(
        user="wer", film="was", rating="wie", timestamp="wann", film_id="nr", title="name_de", year="jahr", genres="art"
    )
    dataset = load_files(tmp_path / "r.csv", tmp_path / "f.csv", columns=columns)
    assert dataset.catalog.titles == ("Matrix", "Amelie")
    assert dataset.catalog.years.tolist() == [1999, 0]
    assert dataset.catalog.genres == (("A", "B"), ())
    assert dataset.catalog.tmdb_ids.tolist() == [603, 0]
    assert dataset.interactions.timestamps is not None
    assert dataset.interactions.timestamps.tolist() == [964982703, 964982704]
    assert dataset.scale == RatingScale(min=5, max=8, step=3)


def test_without_films_their_ids_are_the_catalog(ratings: Path) -> None:
    dataset = load_files(ratings, None)
    assert dataset.catalog.ids == dataset.catalog.titles == ("10", "30")


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ("1 2 3 4 5", 1.0),
        ("0.5 4 4.5", 0.5),
        ("0 100 50 25", 25.0),
        ("-10 10 3", 1.0),
        ("1.37 4.912 2.5", 0.03542),
        ("0 1", 1.0),
        ("1 1000 7", 3.0),
    ],
)
def test_the_scale_is_taken_from_the_data(values: str, step: float, tmp_path: Path) -> None:
    stars = values.split()
    rows = "".join(f"u,{film},{rating}\n" for film, rating in enumerate(stars))
    (tmp_path / "r.csv").write_text("user,film,rating\n" + rows)
    scale = load_files(tmp_path / "r.csv", None).scale
    assert (scale.min, scale.max) == (min(map(float, stars)), max(map(float, stars)))
    assert scale.step == pytest.approx(step)


def test_100k_as_grouplens_lays_it_out(tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("2\t10\t4\t964982703\n10\t30\t3\t964982704\n2\t30\t1\t964982705\n")
    none, matrix, war = ["0"] * 19, ["0"] * 19, ["0"] * 19
    none[0] = matrix[1] = matrix[15] = war[17] = "1"
    lines = [
        "|".join(("10", "Matrix, The (1999)", "01-Jan-1999", "", 'http://x/?"q', *matrix)),
        "|".join(("30", "Amélie (2001)", "01-Jan-2001", "", "", *none)),
        "|".join(("40", "Cold (1950)", "", "", "", *war)),
    ]
    (tmp_path / "u.item").write_text("\n".join(lines) + "\n", encoding="latin-1")
    (tmp_path / "u.user").write_text("2|53|F|other|94043\n10|17|M|writer|1\n")
    dataset = read_movielens(KNOWN["ml-100k"], tmp_path)
    check(dataset)
    assert dataset.scale == RatingScale(min=1, max=5, step=1)
    assert dataset.user_facts == {"2": {"gender": "F", "age": "50-55"}, "10": {"gender": "M", "age": "under 18"}}


def test_100k_as_the_package_carries_it(tmp_path: Path) -> None:
    (tmp_path / "ml-100k.inter").write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "2\t10\t4\t964982703\n10\t30\t3\t964982704\n2\t30\t1\t964982705\n"
    )
    (tmp_path / "ml-100k.item").write_text(
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "10\tMatrix, The\t1999\tAction Sci-Fi\n30\tAmélie\t2001\tunknown\n40\tCold\t1950\tWar\n"
        "267\tunkonwn\tunkonwn\tunkonwn\n"
    )
    (tmp_path / "ml-100k.user").write_text(
        "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n2\t24\tM\ttechnician\t85711\n"
    )
    dataset = read_movielens(KNOWN["ml-100k"], tmp_path)
    assert dataset.catalog.titles == ("The Matrix", "Amélie", "Cold", "unknown")
    assert dataset.catalog.years.tolist() == [1999, 2001, 1950, 0]
    assert dataset.catalog.genres[1] == dataset.catalog.genres[3] == ()
    assert dataset.user_facts["2"] == {"gender": "M", "age": "18-24"}


def test_1m_as_grouplens_lays_it_out(tmp_path: Path) -> None:
    (tmp_path / "ratings.dat").write_text("2::10::4::964982703\n10::30::3::964982704\n2::30::1::964982705\n")
    films = "10::Matrix, The (1999)::Action|Sci-Fi\n30::Amélie (2001)::\n40::Cold (1950)::War\n"
    (tmp_path / "movies.dat").write_text(films, encoding="latin-1")
    (tmp_path / "users.dat").write_text("2::F::1::10::48067\n10::M::56::16::70072\n")
    dataset = read_movielens(KNOWN["ml-1m"], tmp_path)
    check(dataset)
    assert dataset.user_facts["10"] == {"gender": "M", "age": "56+"}


def test_times_that_are_all_zero_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "ratings.dat").write_text("2::10::4::0\n10::10::3::0\n")
    (tmp_path / "movies.dat").write_text("10::Matrix, The (1999)::Action\n")
    assert read_movielens(KNOWN["ml-1m"], tmp_path).interactions.timestamps is None


def test_latest_with_its_links(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(RATINGS)
    (tmp_path / "movies.csv").write_text(FILMS)
    (tmp_path / "links.csv").write_text("movieId,imdbId,tmdbId\n10,0133093,603\n30,0211915,\n40,0000001,7\n")
    dataset = read_movielens(KNOWN["ml-latest-small"], tmp_path)
    check(dataset)
    assert dataset.catalog.tmdb_ids.tolist() == [603, 0, 7]
    assert dataset.catalog.imdb_ids[0] == "tt0133093"


FAULTS = {
    "a field too many": ("u1,10,4,1,9", "line 3: the row has 5 fields instead of 4"),
    "a field too few": ("u1,10", "line 3: the row has 2 fields instead of 4"),
    "no user": (",10,4,1", "line 3: there is no user"),
    "a user no address can name": (
        "a/b,10,4,1",
        "line 3: user id 'a/b' has '/'; use ids without / \\ ? # % and control characters. Fix the row, or pass",
    ),
    "a film no address can name": ("u1,..,4,1", "line 3: film id '..' is a relative path; use another id than"),
    "a user of a novel's length": (
        f"{'u' * 101},10,4,1",
        f"line 3: user id '{'u' * 101}' has 101 characters; use ids of at most 100",
    ),
    "an unknown film": ("u1,99,4,1", "line 3: film '99' is not among the films"),
    "a rating that is no number": ("u1,10,good,1", "line 3: rating 'good' is not a number"),
    "a rating that is not finite": ("u1,10,inf,1", "line 3: rating 'inf' is not a number"),
    "a rating off the scale": ("u1,10,6,1", "line 3: rating 6 is not on the scale, 0.5 to 5 by 0.5"),
    "a rating between two steps": ("u1,10,3.3,1", "line 3: rating 3.3 is not on the scale, 0.5 to 5 by 0.5"),
    "a time that is none": ("u1,10,4,soon", "line 3: time 'soon' is neither seconds since 1970 nor an ISO date"),
    "milliseconds": ("u1,10,4,964982703000", "line 3: time '964982703000' is neither seconds since 1970"),
    "the same pair again": ("2,10,3,1", "line 3: user '2' has rated film '10' before"),
    "an empty line": ("", "line 3: the row is empty"),
}


@pytest.mark.parametrize(("row", "message"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_named_with_its_line(row: str, message: str, ratings: Path, films: Path) -> None:
    header, first, *rest = RATINGS.splitlines()
    ratings.write_text("\n".join((header, first, row, *rest)) + "\n")
    scale = RatingScale(min=0.5, max=5, step=0.5)
    with pytest.raises(DataError) as refused:
        load_files(ratings, films, scale=scale)
    assert f"{ratings}, {message}" in str(refused.value)
    assert "--skip-bad-rows" in str(refused.value)


@pytest.mark.parametrize(("row", "message"), FAULTS.values(), ids=list(FAULTS))
def test_faulty_rows_are_left_out_and_counted_on_request(
    row: str, message: str, ratings: Path, films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    header, first, *rest = RATINGS.splitlines()
    ratings.write_text("\n".join((header, first, row, *rest)) + "\n")
    with caplog.at_level(logging.WARNING):
        dataset = load_files(ratings, films, scale=RatingScale(min=0.5, max=5, step=0.5), skip_bad_rows=True)
    check(dataset)
    assert "1 rows left out" in caplog.text


def test_rows_left_out_are_counted_by_kind(ratings: Path, films: Path, caplog: pytest.LogCaptureFixture) -> None:
    ratings.write_text(RATINGS + "u,99,4,1\nu,98,4,1\nu,10,bad,1\n,10,1,1\nu\n2,10,4,1\n")
    with caplog.at_level(logging.WARNING):
        check(load_files(ratings, films, skip_bad_rows=True))
    kinds = "1 malformed, 1 without a user, 2 of unknown films, 1 not a number, 1 repeated"
    assert f"{ratings}: 6 rows left out: {kinds}" in caplog.text


def test_the_first_fault_is_named_and_the_others_counted(ratings: Path, films: Path) -> None:
    ratings.write_text(RATINGS + "u,99,4,1\nu,10,bad,1\n,10,1,1\n")
    with pytest.raises(DataError, match=r"line 5: film '99'.*2 more rows"):
        load_files(ratings, films)


def test_an_empty_line_at_the_end_is_no_fault(ratings: Path, films: Path) -> None:
    ratings.write_text(RATINGS + "\n\n")
    check(load_files(ratings, films))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_every_usual_encoding_is_read(encoding: str, ratings: Path, films: Path) -> None:
    films.write_text(FILMS, encoding=encoding)
    check(load_files(ratings, films))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_another_encoding_is_refused_with_a_fix(encoding: str, ratings: Path, films: Path) -> None:
    films.write_text(FILMS, encoding=encoding)
    with pytest.raises(DataError, match=r"my-films.csv: is UTF-16 or binary.*Save it as CSV in UTF-8"):
        load_files(ratings, films)


@pytest.mark.parametrize(("delimiter", "suffix"), [(";", ".csv"), ("\t", ".tsv"), ("|", ".txt")])
def test_the_delimiter_is_seen_from_the_header(delimiter: str, suffix: str, films: Path, tmp_path: Path) -> None:
    path = tmp_path / f"ratings{suffix}"
    path.write_text(RATINGS.replace(",", delimiter).replace("\n", "\r\n"), newline="")
    check(load_files(path, films))


def test_where_a_field_goes_over_lines_rows_are_counted(ratings: Path, films: Path) -> None:
    films.write_text(FILMS.replace("Amélie (2001)", '"Amélie\n(2001)"') + "10,Again,Drama\n")
    with pytest.raises(DataError, match="row 5: film '10' is listed before"):
        load_files(ratings, films)


def test_usual_column_names_in_any_case(ratings: Path, films: Path) -> None:
    ratings.write_text(RATINGS.replace("userId,movieId,rating,timestamp", "User_ID,Item_Id,Stars,Date"))
    check(load_files(ratings, films))


def test_users_and_films_are_in_their_natural_order(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("user,film,rating\nu10,f10,1\nu2,f9,2\nbob,f9,2\n7,f10,4\n")
    dataset = load_files(tmp_path / "r.csv", None)
    assert dataset.user_ids == ("7", "bob", "u2", "u10")
    assert dataset.catalog.ids == ("f9", "f10")
    assert dataset.interactions.users.tolist() == [3, 2, 1, 0]


def test_parquet_columns_of_other_types(tmp_path: Path) -> None:
    ratings = pd.DataFrame(
        {
            "user": pd.Series([2, 10, 2], dtype="int32"),
            "film": [10.0, 30.0, 30.0],  # as pandas has whole numbers where one is missing
            "rating": pd.Series([4, 2.5, 0.5], dtype="float32"),
            "timestamp": pd.to_datetime([964982703, 964982704, 964982705], unit="s"),
        }
    )
    ratings.to_parquet(tmp_path / "r.parquet")
    films = {
        "film_id": [10, 30, 40],
        "title": ["Matrix, The", "Amélie", "Cold"],
        "year": [1999.0, 2001.0, 1950.0],
        "genres": [["Action", "Sci-Fi"], [], ["War"]],
    }
    pd.DataFrame(films).to_parquet(tmp_path / "f.parquet")
    check(load_files(tmp_path / "r.parquet", tmp_path / "f.parquet"))


def test_years_and_ids_that_cannot_be_are_unknown(ratings: Path, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "id,title,year,imdb_id,tmdb_id\n10,,9999,114709,-1\n30,B (1980),0,tt0000001,x\n40,C,1999.0,,9e30\n"
    )
    catalog = load_files(ratings, tmp_path / "f.csv").catalog
    assert catalog.titles == ("10", "B", "C")
    assert catalog.years.tolist() == [0, 1980, 1999]
    assert catalog.imdb_ids == ("tt0114709", "tt0000001", "")
    assert catalog.tmdb_ids.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("userId,movieId,rating\n", "no row can be used"),
        ("userId,rating\n1,3\n", "no column for the film among userId, rating. Name it with --columns.film"),
        ("userId,movieId,rating\n1,10,3\n2,10,3\n", "every rating is the same"),
    ],
)
def test_a_file_that_cannot_be_used(content: str, message: str, ratings: Path, films: Path) -> None:
    ratings.write_text(content)
    with pytest.raises(DataError) as refused:
        load_files(ratings, films)
    assert message in str(refused.value)
    assert str(ratings) in str(refused.value)


def test_a_missing_file_a_wrong_column_and_a_broken_parquet(ratings: Path, films: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such file"):
        load_files(tmp_path / "nothing.csv", films)
    with pytest.raises(DataError, match=r"no column 'stars' \(--columns.rating\)"):
        load_files(ratings, films, columns=ColumnMap(rating="stars"))
    (tmp_path / "r.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="not a Parquet file"):
        load_files(tmp_path / "r.parquet", films)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("10,Again (1999),Drama", "line 5: film '10' is listed before"),
        (",Nameless,Drama", "line 5: the film has no id"),
        ("50%,Half (1999),Drama", "line 5: film id '50%' has '%'; use ids without"),
    ],
)
def test_faults_of_films(row: str, message: str, ratings: Path, films: Path) -> None:
    films.write_text(FILMS + row + "\n")
    with pytest.raises(DataError) as refused:
        load_files(ratings, films)
    assert f"{films}, {message}" in str(refused.value)
    check(load_files(ratings, films, skip_bad_rows=True))


def test_faults_of_movielens_films_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "ratings.dat").write_text("2::10::4::0\n10::10::3::0\n")
    (tmp_path / "movies.dat").write_text("10::Matrix, The (1999)::Action\n11::Broken\n")
    with pytest.raises(DataError, match=r"movies.dat, line 2: the row has 2 fields instead of 3"):
        read_movielens(KNOWN["ml-1m"], tmp_path)


def test_movielens_with_a_column_missing(tmp_path: Path) -> None:
    (tmp_path / "ratings.csv").write_text(RATINGS)
    (tmp_path / "movies.csv").write_text("movieId,title\n10,A\n")
    with pytest.raises(DataError, match=r"movies.csv: has the columns movieId, title; 3 are expected"):
        read_movielens(KNOWN["ml-25m"], tmp_path)


def test_the_column_of_films_has_a_flag_of_its_own(ratings: Path, films: Path) -> None:
    films.write_text("nr,title\n10,A\n")
    with pytest.raises(DataError, match=r"no column for the film among nr, title. Name it with --columns.film-id"):
        load_files(ratings, films)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="ml-100k, ml-1m"):
        load("ml-99")


def test_the_hash_is_of_the_content(ratings: Path, films: Path) -> None:
    before = load_files(ratings, films).sha256
    assert load_files(ratings, films).sha256 == before
    ratings.write_text(RATINGS.replace("2.5", "3.0"))
    assert load_files(ratings, films).sha256 != before
    assert np.array_equal(load_files(ratings, films).catalog.multi_hot(), [[1, 1, 0], [0, 0, 0], [0, 0, 1]])
