"""Short forms and spellings of phones, written out; stop words of Indonesian and of Makassar. Data only."""

SPELLINGS = {
    short: word
    for word, shorts in {
        "sudah": "sdh udh udah dah sudahmi udahmi sdhmi adami",
        "belum": "blm blum belom belumpi blmpi",
        "tidak": "tdk gak ga gk nggak ngga enggak ndak nda ndaji tida tak tdak kagak ora tena teai",
        "jangan": "jgn jangko",
        "jalan": "jln jl jlan jalanan jalannya",
        "depan": "dpn dpan",
        "belakang": "blkg blkng belkang",
        "samping": "smping spg",
        "dekat": "dkt deket",
        "sekali": "skali bgt banget bingit sekalimi",
        "banyak": "bnyk byk banyakmi",
        "rumah": "rmh rumh",
        "lampu": "lmpu lamp lampux",
        "air": "aer aernya",
        "orang": "org orng",
        "anak": "ank",
        "malam": "mlm malem",
        "pagi": "pgi",
        "siang": "siank",
        "hari": "hr hri",
        "minggu": "mggu mgg",
        "bulan": "bln",
        "tahun": "thn",
        "kemarin": "kmrn kmren kemaren",
        "sekarang": "skrg skrang skarang",
        "tolong": "tlg tlong tlng",
        "mohon": "mhn mohn",
        "dengan": "dgn dg",
        "yang": "yg yng",
        "karena": "krn karna krna gara",
        "dari": "dr dri",
        "sampai": "smp sampe smpe nyampe sampek",
        "untuk": "utk tuk buat",
        "kalau": "klo kalo klau kl",
        "bisa": "bs bsa",
        "ada": "ad",
        "saja": "aja sj saj",
        "lagi": "lg lgi",
        "terus": "trs trus",
        "sama": "sm ama",
        "besar": "bsr gede",
        "rusak": "rsk rusakmi rusk",
        "mati": "matimi",
        "hujan": "ujan hjn",
        "banjir": "bjir banjirki banjirmi",
        "lubang": "lobang lbg lubg",
        "roboh": "rubuh rubu robo",
        "ambles": "amblas",
        "sampah": "sampa smpah spah",
        "selokan": "slokan solokan",
        "got": "gott",
        "trotoar": "trotoir tortoar",
        "lampu merah": "lamer bangjo",
        "lalu lintas": "lalin lantas",
        "puskesmas": "pkm puskemas",
        "rumah sakit": "rs rsud",
        "demam berdarah": "db",
        "ambulans": "ambulance ambulan",
        "perempatan": "prapatan simpang4",
        "pertigaan": "simpang3",
        "kelurahan": "kel",
        "kecamatan": "kec",
        "gang": "gg",
        "lorong": "lr lrg",
        "nomor": "no nmr",
        "bapak": "pak bpk",
        "ibu": "bu",
        "saya": "sy sya aku ku gue gw",
        "nyamuk": "nyamok",
        "antre": "antri antrian antrean ngantri",
        "toilet": "wc",
    }.items()
    for short in shorts.split()
}

# Small words, courtesies and the little words of Makassar ("mi", "ji", "ki", "kodong").
_LITTLE = (
    "yang di ke dari dan atau ini itu ada adalah pada untuk dengan karena oleh agar supaya juga saja lagi sudah belum"
    " akan sedang masih pernah sangat sekali terlalu lebih paling hanya cuma saya kami kita mereka dia kamu anda"
    " bapak ibu min admin kak bang mas mbak om tolong mohon harap segera bantu dong deh sih kok ya iya nih tuh loh lah"
    " kah pun mi ji ki ko ka pi na ta tong toh tau kodong kasian sa eh di' bro gan selamat pagi siang sore malam"
    " terima kasih makasih hormat permisi info lapor laporan tidak bisa kalau kapan kenapa bagaimana mana apa siapa"
    " sini situ sana dsni disini disana begini begitu jadi terus trus sampai para bagi tiap setiap hari minggu bulan"
    " tahun sejak kemarin tadi sekarang besok lama baru nya se the is are was a an of in on at to and please and"
    " dekat depan belakang samping lewat lihat liat kata cek mau punya ambil warga masyarakat daerah lokasi 0"
)
STOP_WORDS = frozenset(_LITTLE.split())
